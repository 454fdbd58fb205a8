/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.tlora.autograd.Parameter;

/** Comparisons with golden numbers. */
public final class Expect {
  private Expect() {}

  /** Every element within an absolute tolerance. */
  public static void close(JsonNode expected, float[] actual, double tolerance, String what) {
    assertEquals(expected.size(), actual.length, what + ": number of elements");
    double worst = 0;
    int at = 0;
    for (int i = 0; i < actual.length; i++) {
      double d = Math.abs(expected.get(i).asDouble() - actual[i]);
      if (!(d <= worst)) {
        worst = d;
        at = i;
      }
    }
    assertTrue(worst <= tolerance, what + ": off by " + worst + " at " + at);
  }

  /** Within a tolerance relative to the expected value, plus an absolute one. */
  public static void relative(
      double expected, double actual, double relative, double absolute, String what) {
    assertTrue(
        Math.abs(expected - actual) <= Math.abs(expected) * relative + absolute,
        what + ": " + actual + " where " + expected + " is expected");
  }

  /** The norm of every parameter's gradient, which is cleared. */
  public static void gradientNorms(JsonNode norms, List<Parameter> parameters) {
    assertEquals(norms.size(), parameters.size(), "number of parameters");
    for (Parameter p : parameters) {
      double want = norms.path(p.name()).asDouble(Double.NaN);
      relative(want, p.gradient().norm(), 1e-4, 1e-6, p.name());
      p.clearGradient();
    }
  }

  /** The same whole numbers in the same order. */
  public static void ids(JsonNode expected, int[] actual, String what) {
    assertEquals(expected.toString(), json(actual), what);
  }

  /** Whole numbers of a JSON array. */
  public static int[] ints(JsonNode array) {
    int[] out = new int[array.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = array.get(i).asInt();
    }
    return out;
  }

  private static String json(int[] values) {
    return java.util.Arrays.toString(values).replace(" ", "");
  }
}
