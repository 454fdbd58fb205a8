/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.Verdict;
import org.tlora.evaluate.task.Verdicts;
import org.tlora.fault.InputFault;

/**
 * Runs the program in an answer against a row's tests, in a {@link Sandbox}.
 *
 * @param format what a row has
 */
record CodeGrader(Sandbox sandbox, Format format) implements Grader {
  private static final Pattern CALLED =
      Pattern.compile("assert\\s+\\(*\\s*(?:not\\s+)?([A-Za-z_]\\w*)\\s*\\(");

  /** Where the program's beginning and its tests stand. */
  enum Format {
    /**
     * HumanEval (Chen et al., arXiv 2107.03374): the prompt's function, completed, and its check.
     */
    HUMANEVAL {
      @Override
      CodeTest test(RowFields row, List<String> codes, boolean lenient) {
        String prompt = row.text("prompt");
        String entry = row.text("entry_point");
        String joint = lenient && !prompt.endsWith("\n") ? "\n" : "";
        List<String> programs = codes.stream().map(code -> prompt + joint + code).toList();
        String reference = prompt + optional(row, "canonical_solution");
        String tests = row.text("test") + "\ncheck(" + entry + ")\n";
        return new CodeTest(programs, lenient, prompt, reference, entry, tests);
      }

      @Override
      String entry(RowFields row) {
        return row.text("entry_point");
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
      CodeTest test(RowFields row, List<String> codes, boolean lenient) {
        StringBuilder tests = new StringBuilder();
        all(row, "test_imports").forEach(t -> tests.append(t).append('\n'));
        tests.append(optional(row, "test_setup_code")).append('\n');
        List<String> list = all(row, "test_list");
        if (list.isEmpty()) {
          throw new InputFault(row.where() + ": field 'test_list' is missing");
        }
        list.forEach(t -> tests.append(t).append('\n'));
        String reference = optional(row, "code");
        return new CodeTest(codes, lenient, "", reference, "", tests.toString());
      }

      @Override
      String entry(RowFields row) {
        List<String> tests = all(row, "test_list");
        Matcher m = CALLED.matcher(tests.isEmpty() ? "" : tests.get(0));
        return m.find() ? m.group(1) : "";
      }

      @Override
      List<String> lenient(String completion, String entry) {
        return LenientCodeText.of(completion, entry);
      }
    };

    /** What is run for a row. */
    abstract CodeTest test(RowFields row, List<String> codes, boolean lenient);

    /** The function that the tests call, or empty. */
    abstract String entry(RowFields row);

    /** The programs that an answer may mean. */
    abstract List<String> lenient(String completion, String entry);

    private static String optional(RowFields row, String field) {
      return row.has(field) ? row.text(field) : "";
    }

    /** The elements of a list, none where it is missing. */
    private static List<String> all(RowFields row, String field) {
      return row.value(field) instanceof List<?> list
          ? list.stream().map(String::valueOf).toList()
          : List.of();
    }
  }

  @Override
  public Verdict grade(RowFields row, String completion) {
    String code = CodeText.of(completion);
    return new Verdict(code, sandbox.run(format.test(row, List.of(code), false)).passed());
  }

  /**
   * A program that passes as it is published passes for a reader, and one that both take out in the
   * same way runs once, unless what stands at its top kept it from being tested.
   */
  @Override
  public Verdicts gradeBoth(RowFields row, String completion) {
    String code = CodeText.of(completion);
    Sandbox.Outcome strict = sandbox.run(format.test(row, List.of(code), false));
    Verdict published = new Verdict(code, strict.passed());
    List<String> codes = format.lenient(completion, format.entry(row));
    boolean same = codes.equals(List.of(code)) && strict.loaded();
    boolean passed =
        strict.passed() || (!same && sandbox.run(format.test(row, codes, true)).passed());
    return new Verdicts(published, new Verdict(strict.passed() ? code : codes.get(0), passed));
  }

  @Override
  public void close() {
    sandbox.close();
  }
}
