/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.fault.UsageFault;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftOptions;

/** Numbers that float32 cannot hold are refused where they are given, by the option's name. */
class NumbersOfOptionsTest {
  private static TrainingOptions training(double[] n) {
    return new TrainingOptions(
        3, n[0], 2, 2, n[1], Schedule.COSINE, n[2], n[3], n[4], true, 0, false, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        1e39,
        1e-40,
        1e300
      })
  void infiniteNoneOrTooGreatOrTooSmall(double bad) {
    String[] names = {
      "`epochs`", "`learningRate`", "`warmupRatio`", "`weightDecay`", "`maxGradNorm`"
    };
    for (int i = 0; i < names.length; i++) {
      double[] numbers = {1, 1e-4, 0.03, 0, 1};
      assertDoesNotThrow(() -> training(numbers));
      numbers[i] = bad;
      boolean toBeFound = Double.isNaN(bad) && names[i].equals("`learningRate`");
      if (!toBeFound) { // which is what a rate that is not known yet is
        refused(names[i], () -> training(numbers));
      }
    }
    refused("`dropout`", () -> new PeftOptions(4, 4, bad));
    if (!Double.isNaN(bad)) { // which stands for an alpha that was not given
      refused("`alpha`", () -> new PeftOptions(4, bad, 0));
    }
    for (MethodOption<?> option :
        java.util.List.of(
            MethodOption.number("some-option", 0, "."),
            MethodOption.positive("some-option", 1, "."),
            MethodOption.share("some-option", 0, "."))) {
      refused("`someOption`", () -> option.check("" + bad));
      option.check("0.5");
    }
  }

  private static void refused(String option, Runnable given) {
    UsageFault fault = assertThrows(UsageFault.class, given::run, option);
    assertTrue(fault.getMessage().startsWith(option + " must be"), fault.getMessage());
  }

  @Test
  void whatFloat32WouldRoundToOneIsNotBelowIt() {
    refused("`dropout`", () -> new PeftOptions(4, 4, 1 - 1e-12));
    refused("`x`", () -> MethodOption.share("x", 0, ".").check("0.9999999999"));
    refused("`x`", () -> MethodOption.positive("x", 1, ".").check("0"));
    refused("`x`", () -> MethodOption.count("x", 1, ".").check("4294967304"));
  }
}
