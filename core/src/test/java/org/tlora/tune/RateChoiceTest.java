/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.fault.InputFault;
import org.tlora.train.RateTest;

class RateChoiceTest {
  @TempDir private Path directory;

  /** A curve of so many steps by the logarithm of the rate; batches differ by {@code noise}. */
  private static List<RateTest.Point> curve(int steps, double noise, DoubleUnaryOperator loss) {
    List<RateTest.Point> all = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      double rate = 1e-6 * Math.pow(1e5, i / (RateTest.STEPS - 1.0));
      double mean = loss.applyAsDouble(Math.log10(rate));
      all.add(new RateTest.Point(rate, mean + (i % 2 == 0 ? noise : -noise), mean));
    }
    return all;
  }

  @Test
  void aTenthOfWhereTheMeanIsLeast() {
    // falls from 1e-4 on, is least near 1e-2, and rises
    RateChoice choice = RateChoice.of(curve(50, 0.1, x -> x < -4 ? 2 : 1 + (x + 2) * (x + 2) / 4));
    assertTrue(choice.isClear(), choice.why());
    assertEquals(1e-3, choice.rate(), 2e-4);
    assertEquals("learning rate " + choice.rate() + ": " + choice.why(), choice.line());
  }

  @Test
  void whatDoesNotFallSaysNothing() {
    for (DoubleUnaryOperator loss :
        List.<DoubleUnaryOperator>of(x -> 2, x -> 2 + (x + 6) / 5, x -> 2 - 0.1 * (x + 6) / 5)) {
      RateChoice choice = RateChoice.of(curve(50, 0.3, loss));
      assertFalse(choice.isClear(), choice.why());
      assertEquals(2e-4, choice.rate());
      assertTrue(choice.line().startsWith("warning: "), choice.line());
    }
    assertEquals(2e-4, RateChoice.of(List.of()).rate());
    assertFalse(RateChoice.of(curve(10, 0, x -> 2 - x)).isClear());
  }

  @Test
  void whatStillFallsIsTakenWithAWarning() {
    RateChoice choice = RateChoice.of(curve(50, 0.01, x -> 3 - x));
    assertFalse(choice.isClear());
    assertEquals(1e-2, choice.rate(), 1e-12);
    // it is clear where the next steps were too much
    assertTrue(RateChoice.of(curve(45, 0.01, x -> 3 - x)).isClear());
  }

  @Test
  void whatWasChosenIsReadAgain() throws IOException {
    assertEquals(OptionalDouble.empty(), RateChoice.read(directory));
    RateChoice choice = new RateChoice(3.2e-4, true, "so");
    choice.write(directory, curve(50, 0, x -> 3 - x), 64, 8);
    assertEquals(OptionalDouble.of(3.2e-4), RateChoice.read(directory));
    Files.writeString(directory.resolve(RateChoice.FILE), "{\"learning_rate\": \"none\"}");
    assertThrows(InputFault.class, () -> RateChoice.read(directory));
  }
}
