/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.fault.RunFault;
import org.tlora.testing.StartsProcess;

/** Programs that would pass without being right do not; right ones do, whatever they return. */
@StartsProcess
class ForgersTest {
  private static final String TESTS =
      """
      assert f(2) == 4
      assert f(3) == 9, "wrong"
      assert abs(f(4) - 16) < 1e-9
      assert f(5) in (25, 26) and not f(6) != 36
      """;

  private static Sandbox sandbox;

  @BeforeAll
  static void open() {
    try {
      sandbox = Sandbox.open(4);
    } catch (RunFault e) {
      Assumptions.abort(e.getMessage());
    }
  }

  @AfterAll
  static void close() {
    if (sandbox != null) {
      sandbox.close();
    }
  }

  @Test
  void aRightProgramPassesTheTestsOfTheForgers() {
    assertEquals("", sandbox.run(CodeTest.of("def f(x): return x * x", TESTS)).reason());
  }

  static List<String> forgers() throws IOException {
    return programs("forgers.txt");
  }

  static List<String> values() throws IOException {
    return programs("values.txt");
  }

  private static List<String> programs(String file) throws IOException {
    try (InputStream in = ForgersTest.class.getResourceAsStream(file)) {
      String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Pattern.compile("^# ---", Pattern.MULTILINE).splitAsStream(all).skip(1).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("forgers")
  void forgersFail(String program) {
    String code = program.substring(program.indexOf('\n')); // behind what it is about
    Sandbox.Outcome outcome = sandbox.run(CodeTest.of(code, TESTS));
    assertFalse(outcome.passed(), program);
    assertFalse(outcome.reason().contains("SyntaxError"), outcome.reason());
  }

  /** What the tests compare with is Python's own, and the task's, never the answer's. */
  @Test
  void helpersOfTheTestsAreNotTheAnswers() {
    String math = "class math:\n  isclose = staticmethod(lambda *a, **k: True)\n";
    String wrong = math + "def sorted(x): return 0\ndef f(x): return 0\n";
    String reference = "import math\ndef f(x): return x * x\n";
    String tests = "assert math.isclose(f(2), 4)\n";
    assertFalse(sandbox.run(referred(wrong, reference, "", tests)).passed());
    assertTrue(sandbox.run(referred(reference, reference, "", tests)).passed());
    Sandbox.Outcome none = sandbox.run(referred("def f(x): return x * x", reference, "", tests));
    assertTrue(none.reason().contains("math"), "as it is where all is one program: " + none);
    assertFalse(sandbox.run(referred(wrong, reference, "", "assert sorted(f(2)) == 0")).passed());

    String prompt = "def poly(x): return x - 4\ndef f(x):\n  'its root'\n";
    String forged = prompt + "  return 99\ndef poly(x): return 0\n";
    String check = "def check(g):\n  assert poly(g(0)) == 0\ncheck(f)\n";
    assertFalse(sandbox.run(referred(forged, prompt, prompt, check)).passed());
    assertTrue(sandbox.run(referred(prompt + "  return 4\n", prompt, prompt, check)).passed());
  }

  private static CodeTest referred(String program, String reference, String helpers, String tests) {
    return new CodeTest(List.of(program), false, helpers, reference, "f", tests);
  }

  /** Values of every kind, objects, changed arguments, functions: as in one process. */
  @ParameterizedTest
  @MethodSource("values")
  void valuesGoThereAndBack(String both) {
    String entry = both.substring(0, both.indexOf('\n')).strip();
    String[] sides = both.substring(both.indexOf('\n')).split("\n# ===\n", 2);
    Sandbox.Outcome outcome =
        sandbox.run(new CodeTest(List.of(sides[0]), false, "", sides[0], entry, sides[1]));
    assertEquals("", outcome.reason(), both);
    assertTrue(outcome.passed(), both);
  }

  @Test
  void readersLeaveOutWhatIsNoProgram() {
    String code = "def f(x):\n    return x + 1\n";
    String noisy =
        code + "assert f(1) == 3\nprint(f(input()))\nif __name__ == '__main__':\n    1 / 0\n";
    String prose = code + "\nThis function adds one. It's simple!\n";
    for (String program : List.of(noisy, prose)) {
      assertFalse(sandbox.run(CodeTest.of(program, "assert f(1) == 2")).passed(), program);
      CodeTest lenient =
          new CodeTest(List.of("no Python", program), true, "", code, "f", "assert f(1) == 2");
      assertEquals("", sandbox.run(lenient).reason(), program);
    }
  }
}
