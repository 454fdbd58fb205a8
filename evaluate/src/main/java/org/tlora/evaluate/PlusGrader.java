/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.Verdict;
import org.tlora.evaluate.task.Verdicts;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * Runs the program in an answer on the inputs of HumanEval+ and MBPP+ and compares what it gives
 * with what the row's own solution does, as EvalPlus (Liu et al., arXiv 2305.01210; version 0.3.1)
 * does: with its time limits, its tolerance for numbers and its rules for rows of which several
 * results are right. An answer is right that passes the base inputs and the further ones.
 *
 * <p>What differs: answers run in our {@link Sandbox}, of 1 GiB where EvalPlus allows 4; a value of
 * a class that the answer made is equal to nothing.
 *
 * @param harness the tests' program, {@code evalplus.py}
 */
record PlusGrader(Sandbox sandbox, Data data, String harness) implements Grader {
  private static final double LEAST_SECONDS = 4;
  private static final double TIMES_REFERENCE = 4;

  private static final double MOST_SECONDS = 60;

  /** EvalPlus ends all inputs of a program after a minute; the reference runs before. */
  private static final Sandbox.Limits LIMITS = new Sandbox.Limits(100, 512L << 20);

  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final String REFERENCE_FAILED = "_ReferenceFailed: ";
  private static final JsonMapper ASCII =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  /** Which of the two a row is from. */
  enum Data {
    HUMANEVAL {
      @Override
      List<String> programs(RowFields row, List<String> codes) {
        String prompt = row.text("prompt");
        String joint = prompt.endsWith("\n") ? "" : "\n";
        return codes.stream().map(code -> prompt + joint + code).toList();
      }

      @Override
      List<String> lenient(String completion, String entry) {
        return CodeGrader.Format.HUMANEVAL.lenient(completion, entry);
      }
    },
    MBPP {
      @Override
      List<String> programs(RowFields row, List<String> codes) {
        return codes;
      }

      @Override
      List<String> lenient(String completion, String entry) {
        return CodeGrader.Format.MBPP.lenient(completion, entry);
      }
    };

    /** What is run: EvalPlus's `solution`. */
    abstract List<String> programs(RowFields row, List<String> codes);

    /** The programs that an answer may mean. */
    abstract List<String> lenient(String completion, String entry);

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Of a program. */
  private record Passed(boolean base, boolean plus, boolean loaded) {
    boolean both() {
      return base && plus;
    }

    Verdict verdict(String program) {
      Map<String, Boolean> parts = new LinkedHashMap<>();
      parts.put("base", base);
      parts.put("plus", plus);
      return new Verdict(program, both(), parts);
    }
  }

  /**
   * Makes a sandbox ready.
   *
   * @throws org.tlora.fault.RunFault if there can be none here
   */
  static PlusGrader open(Data data) {
    try (InputStream in = PlusGrader.class.getResourceAsStream("evalplus.py")) {
      String harness = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new PlusGrader(Sandbox.open(LIMITS), data, harness);
    } catch (IOException e) {
      throw new IllegalStateException("evalplus.py is not in the program", e);
    }
  }

  @Override
  public Verdict grade(RowFields row, String completion) {
    return gradeSolution(row, data.programs(row, List.of(CodeText.of(completion))).get(0));
  }

  @Override
  public Verdict gradeSolution(RowFields row, String program) {
    return run(row, List.of(program), false).verdict(program);
  }

  @Override
  public Verdicts gradeBoth(RowFields row, String completion) {
    List<String> strict = data.programs(row, List.of(CodeText.of(completion)));
    Passed passed = run(row, strict, false);
    Verdict published = passed.verdict(strict.get(0));
    List<String> programs = data.programs(row, data.lenient(completion, entry(row)));
    // one that both take out in the same way runs once, unless its top kept it from being tested
    boolean same = passed.both() || (programs.equals(strict) && passed.loaded());
    return new Verdicts(
        published, same ? published : run(row, programs, true).verdict(programs.get(0)));
  }

  /** Base and further inputs each in a process of their own, as there. */
  private Passed run(RowFields row, List<String> programs, boolean lenient) {
    Sandbox.Outcome base = outcome(row, programs, lenient, "base_input");
    Sandbox.Outcome plus = outcome(row, programs, lenient, "plus_input");
    return new Passed(base.passed(), plus.passed(), base.loaded());
  }

  private Sandbox.Outcome outcome(
      RowFields row, List<String> programs, boolean lenient, String inputs) {
    String entry = entry(row);
    String job = quoted(quoted(job(row, entry, inputs)));
    String tests = harness + "\n\n_evalplus(" + entry + ", " + job + ")\n";
    Sandbox.Outcome outcome =
        sandbox.run(new CodeTest(programs, lenient, "", "", entry, tests, loading(row, inputs)));
    // a program that has not come as far could say so itself
    if (outcome.loaded() && outcome.reason().startsWith(REFERENCE_FAILED)) {
      String reason = outcome.reason().substring(REFERENCE_FAILED.length());
      throw new InputFault(row.where() + ": its own solution does not run: " + reason);
    }
    return outcome;
  }

  /** Not as the main program, and within the time that all inputs have. */
  private static CodeTest.Loading loading(RowFields row, String inputs) {
    int count = row.value(inputs) instanceof List<?> list ? list.size() : 0;
    double all = Math.min(MOST_SECONDS, LEAST_SECONDS * count);
    return new CodeTest.Loading("builtins", (int) all + 2);
  }

  private Map<String, Object> job(RowFields row, String entry, String inputs) {
    if (!(row.value(inputs) instanceof List<?> list)) {
      throw new InputFault(row.where() + ": field '" + inputs + "' is missing, or no list");
    }
    if (!list.stream().allMatch(List.class::isInstance)) {
      throw new InputFault(row.where() + ": field '" + inputs + "' must be a list of lists");
    }
    if (!(row.value("atol") instanceof Number atol)) {
      throw new InputFault(row.where() + ": field 'atol' is missing, or no number");
    }
    Map<String, Object> job = new LinkedHashMap<>();
    job.put("dataset", data.label());
    job.put("task", number(row));
    job.put("entry", entry);
    job.put("reference", row.text("prompt") + row.text("canonical_solution"));
    job.put("inputs", list);
    job.put("atol", atol);
    job.put("least_seconds", LEAST_SECONDS);
    job.put("times_reference", TIMES_REFERENCE);
    return job;
  }

  /** Of {@code Mbpp/2} the 2, by which the published code knows of what type inputs are. */
  private static long number(RowFields row) {
    String id = row.text("task_id");
    String number = id.substring(id.lastIndexOf('/') + 1);
    if (!NUMBER.matcher(number).matches()) {
      throw new InputFault(
          row.where() + ": field 'task_id' must end in a number, not '" + id + "'");
    }
    return Long.parseLong(number);
  }

  private static String entry(RowFields row) {
    String entry = row.text("entry_point");
    if (!NAME.matcher(entry).matches()) {
      throw new InputFault(row.where() + ": field 'entry_point' is no name: " + entry);
    }
    return entry;
  }

  /** As JSON in ASCII; of a text also as Python reads it. */
  private static String quoted(Object value) {
    try {
      return ASCII.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(Json.reason(e), e);
    }
  }

  @Override
  public void close() {
    sandbox.close();
  }
}
