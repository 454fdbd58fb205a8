/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.tlora.fault.UsageFault;

/**
 * The ways of grading that a task's file can name. Those that run code open their sandbox when they
 * are first asked for.
 */
public final class Graders implements AutoCloseable {
  private static final List<String> KNOWN =
      List.of("gsm8k", "math", "last-number", "pattern", "humaneval", "mbpp");
  private static final int CODE_SECONDS = 10;

  private Sandbox sandbox;

  /**
   * What a task's file says about grading.
   *
   * @param settings beside the kind: {@code pattern} and {@code gold} where the kind has them
   */
  public record Grading(String kind, Map<String, String> settings) {
    /** Checks the kind. */
    public Grading {
      if (!KNOWN.contains(kind)) {
        throw new UsageFault(
            "grader " + kind + " is not known; known are " + String.join(", ", KNOWN));
      }
      settings = Map.copyOf(settings);
    }

    /** Whether answers are programs. */
    boolean runsCode() {
      return kind.equals("humaneval") || kind.equals("mbpp");
    }

    String metric() {
      return runsCode() ? "pass@1" : "accuracy";
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
   * The grader, in both styles.
   *
   * @throws org.tlora.fault.Fault if a setting is missing or there can be no sandbox
   */
  DualGrader of(Grading g) {
    return switch (g.kind()) {
      case "gsm8k" -> DualGrader.of(new Gsm8kGrader(), new LenientNumberGrader("answer", 0));
      case "math" -> DualGrader.of(new MathGrader(), new LenientMathGrader());
      case "last-number" -> {
        String gold = g.get("gold");
        yield DualGrader.of(
            new LastNumberGrader(gold), new LenientNumberGrader(gold, LastNumberGrader.TOLERANCE));
      }
      case "pattern" -> {
        Pattern pattern = pattern(g.get("pattern"));
        String gold = g.get("gold");
        yield DualGrader.of(
            new PatternGrader(pattern, gold), new LenientChoiceGrader(pattern, gold));
      }
      case "humaneval" -> new CodeGrader(sandbox(), CodeGrader.Format.HUMANEVAL);
      case "mbpp" -> new CodeGrader(sandbox(), CodeGrader.Format.MBPP);
      default -> throw new IllegalStateException(g.kind());
    };
  }

  static Pattern pattern(String text) {
    try {
      return Pattern.compile(text, Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      throw new UsageFault("'" + text + "' is not a pattern: " + e.getDescription(), e);
    }
  }

  private Sandbox sandbox() {
    if (sandbox == null) {
      sandbox = Sandbox.open(CODE_SECONDS);
    }
    return sandbox;
  }

  @Override
  public void close() {
    if (sandbox != null) {
      sandbox.close();
    }
  }
}
