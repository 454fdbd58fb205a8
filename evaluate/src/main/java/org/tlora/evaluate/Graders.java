/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.tlora.evaluate.task.Grader;
import org.tlora.fault.UsageFault;

/**
 * The ways of grading that a task's file can name. A new one is a class of its own and a line here.
 */
final class Graders {
  private static final int CODE_SECONDS = 10;
  private static final String ACCURACY = "accuracy";
  private static final String PASS_AT_1 = "pass@1";

  private static final List<Kind> KNOWN =
      List.of(
          new Kind(
              "gsm8k",
              ACCURACY,
              g -> new Gsm8kGrader().readAs(new LenientNumberGrader("answer", 0))),
          new Kind("math", ACCURACY, g -> new MathGrader().readAs(new LenientMathGrader())),
          new Kind("last-number", ACCURACY, g -> LastNumberGrader.inBothStyles(g.get("gold"))),
          new Kind(
              "pattern",
              ACCURACY,
              g -> PatternGrader.inBothStyles(pattern(g.get("pattern")), g.get("gold"))),
          new Kind("humaneval", PASS_AT_1, g -> code(CodeGrader.Format.HUMANEVAL)),
          new Kind("mbpp", PASS_AT_1, g -> code(CodeGrader.Format.MBPP)),
          new Kind("humaneval+", PASS_AT_1, g -> PlusGrader.open(PlusGrader.Data.HUMANEVAL)),
          new Kind("mbpp+", PASS_AT_1, g -> PlusGrader.open(PlusGrader.Data.MBPP)));

  private Graders() {}

  /**
   * A way of grading.
   *
   * @param name as in a task's file
   * @param metric what the share of right answers is called
   * @param open makes one of a task's settings
   */
  private record Kind(String name, String metric, Function<Grading, Grader> open) {
    static Kind named(String name) {
      return KNOWN.stream()
          .filter(k -> k.name().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new UsageFault(
                      "grader "
                          + name
                          + " is not known; known are "
                          + String.join(", ", KNOWN.stream().map(Kind::name).toList())));
    }
  }

  /**
   * What a task's file says about grading.
   *
   * @param settings beside the kind: {@code pattern} and {@code gold} where the kind has them
   */
  record Grading(String kind, Map<String, String> settings) {
    /** Checks the kind. */
    Grading {
      Kind.named(kind);
      settings = Map.copyOf(settings);
    }

    String metric() {
      return Kind.named(kind).metric();
    }

    private String get(String key) {
      String value = settings.get(key);
      if (value == null) {
        throw new UsageFault("grader " + kind + " needs " + key);
      }
      return value;
    }
  }

  /**
   * The grader, in both styles; to be closed.
   *
   * @throws org.tlora.fault.Fault if a setting is missing or there can be no sandbox
   */
  static Grader of(Grading g) {
    return Kind.named(g.kind()).open().apply(g);
  }

  private static Grader code(CodeGrader.Format format) {
    return new CodeGrader(Sandbox.open(CODE_SECONDS), format);
  }

  static Pattern pattern(String text) {
    try {
      return Pattern.compile(text, Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      throw new UsageFault("'" + text + "' is not a pattern: " + e.getDescription(), e);
    }
  }
}
