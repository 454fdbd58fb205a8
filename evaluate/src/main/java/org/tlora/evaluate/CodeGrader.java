/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;

/**
 * Runs the program in an answer against a row's tests, in a {@link Sandbox}.
 *
 * @param format what a row has
 */
record CodeGrader(Sandbox sandbox, Format format) implements DualGrader {
  private static final Pattern CALLED =
      Pattern.compile("assert\\s+\\(*\\s*(?:not\\s+)?([A-Za-z_]\\w*)\\s*\\(");

  /** Where the program's beginning and its tests stand. */
  enum Format {
    /**
     * HumanEval (Chen et al., arXiv 2107.03374): the prompt's function, completed, and its check.
     */
    HUMANEVAL {
      @Override
      CodeTest test(Row row, List<String> codes, boolean lenient) {
        String prompt = text(row, "prompt");
        String entry = text(row, "entry_point");
        String joint = lenient && !prompt.endsWith("\n") ? "\n" : "";
        List<String> programs = codes.stream().map(code -> prompt + joint + code).toList();
        String reference = prompt + row.fields().path("canonical_solution").asText();
        String tests = text(row, "test") + "\ncheck(" + entry + ")\n";
        return new CodeTest(programs, lenient, prompt, reference, entry, tests);
      }

      @Override
      String entry(Row row) {
        return text(row, "entry_point");
      }

      @Override
      List<String> lenient(String completion, String entry) {
        return LenientCodeText.of(completion, entry).stream()
            .map(c -> LenientCodeText.defines(c, entry) ? c : LenientCodeText.asBody(c))
            .toList();
      }
    },
    /**
     * MBPP (Austin et al., arXiv 2108.07732): the code, and the assertions that the prompt shows.
     */
    MBPP {
      @Override
      CodeTest test(Row row, List<String> codes, boolean lenient) {
        StringBuilder tests = new StringBuilder();
        row.fields().path("test_imports").forEach(t -> tests.append(t.asText()).append('\n'));
        tests.append(row.fields().path("test_setup_code").asText()).append('\n');
        JsonNode list = row.fields().path("test_list");
        if (list.isEmpty()) {
          throw new InputFault(row.where() + ": field 'test_list' is missing");
        }
        list.forEach(t -> tests.append(t.asText()).append('\n'));
        String reference = row.fields().path("code").asText();
        return new CodeTest(codes, lenient, "", reference, "", tests.toString());
      }

      @Override
      String entry(Row row) {
        Matcher m = CALLED.matcher(row.fields().path("test_list").path(0).asText());
        return m.find() ? m.group(1) : "";
      }

      @Override
      List<String> lenient(String completion, String entry) {
        return LenientCodeText.of(completion, entry);
      }
    };

    /** What is run for a row. */
    abstract CodeTest test(Row row, List<String> codes, boolean lenient);

    /** The function that the tests call, or empty. */
    abstract String entry(Row row);

    /** The programs that an answer may mean. */
    abstract List<String> lenient(String completion, String entry);

    private static String text(Row row, String field) {
      JsonNode value = row.fields().path(field);
      if (!value.isTextual()) {
        throw new InputFault(row.where() + ": field '" + field + "' is missing");
      }
      return value.asText();
    }
  }

  /**
   * A program that passes as it is published passes for a reader, and one that both take out in the
   * same way runs once, unless what stands at its top kept it from being tested.
   */
  @Override
  public Verdicts grade(Row row, String completion) {
    String code = CodeText.of(completion);
    Sandbox.Outcome strict = sandbox.run(format.test(row, List.of(code), false));
    Verdict published = new Verdict(code, strict.passed());
    List<String> codes = format.lenient(completion, format.entry(row));
    boolean same = codes.equals(List.of(code)) && strict.loaded();
    boolean passed =
        strict.passed() || (!same && sandbox.run(format.test(row, codes, true)).passed());
    return new Verdicts(published, new Verdict(strict.passed() ? code : codes.get(0), passed));
  }
}
