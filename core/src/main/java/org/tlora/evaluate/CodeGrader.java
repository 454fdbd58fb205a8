package org.tlora.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.BiFunction;
import org.tlora.data.Row;
import org.tlora.fault.InputFault;

/**
 * Runs the program in an answer against a row's tests, in a {@link Sandbox}.
 *
 * @param program the tests behind the code, for a row
 */
record CodeGrader(Sandbox sandbox, BiFunction<Row, String, String> program) implements Grader {
  /** HumanEval (Chen et al., arXiv 2107.03374): the prompt's function, completed, and its check. */
  static CodeGrader humanEval(Sandbox sandbox) {
    return new CodeGrader(
        sandbox,
        (row, code) ->
            text(row, "prompt")
                + code
                + "\n"
                + text(row, "test")
                + "\ncheck("
                + text(row, "entry_point")
                + ")\n");
  }

  /** MBPP (Austin et al., arXiv 2108.07732): the code, and the assertions that the prompt shows. */
  static CodeGrader mbpp(Sandbox sandbox) {
    return new CodeGrader(
        sandbox,
        (row, code) -> {
          StringBuilder all = new StringBuilder(code).append('\n');
          all.append(row.fields().path("test_setup_code").asText()).append('\n');
          JsonNode tests = row.fields().path("test_list");
          if (tests.isEmpty()) {
            throw new InputFault(row.where() + ": field 'test_list' is missing");
          }
          tests.forEach(t -> all.append(t.asText()).append('\n'));
          return all.toString();
        });
  }

  private static String text(Row row, String field) {
    JsonNode value = row.fields().path(field);
    if (!value.isTextual()) {
      throw new InputFault(row.where() + ": field '" + field + "' is missing");
    }
    return value.asText();
  }

  @Override
  public Verdict grade(Row row, String completion) {
    String code = CodeText.of(completion);
    Sandbox.Outcome outcome = sandbox.run(program.apply(row, code));
    return new Verdict(code, outcome.passed());
  }
}
