/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import java.util.Arrays;
import java.util.List;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.AttentionConfig;
import org.tlora.model.DecoderConfig.RopeConfig;
import org.tlora.model.DecoderConfig.Scales;

/** Compares what a model was with what is read back of a file of it. */
final class SameModel {
  /** GGUF's numbers are float32. */
  private static final double ROUNDING = 1e-6;

  private SameModel() {}

  /**
   * What differs, in words; null if nothing does.
   *
   * @param windows whether the layers' windows count
   */
  static String lost(DecoderConfig want, DecoderConfig got, boolean windows) {
    AttentionConfig a = want.attention();
    AttentionConfig b = got.attention();
    if (!same(a.scale(), b.scale())) {
      return "scale of attention scores";
    }
    if (windows && !a.layers().equals(b.layers())) {
      return "layers' windows";
    }
    if (!same(a.softcap(), b.softcap()) || a.headNorm() != b.headNorm()) {
      return "attention";
    }
    if (want.activation() != got.activation()) {
      return "activation " + want.activation();
    }
    if (!sameScales(want.scales(), got.scales())) {
      return "factors in the stream";
    }
    if (!same(want.norm().epsilon(), got.norm().epsilon())) {
      return "norms";
    }
    return sameRopes(want.ropes(), got.ropes()) ? null : "rotary embedding";
  }

  private static boolean sameScales(Scales a, Scales b) {
    return same(a.embedding(), b.embedding())
        && same(a.residual(), b.residual())
        && same(a.logitDivisor(), b.logitDivisor())
        && same(a.logitSoftcap(), b.logitSoftcap());
  }

  private static boolean sameRopes(List<RopeConfig> want, List<RopeConfig> got) {
    boolean same = want.size() == got.size();
    for (int i = 0; same && i < want.size(); i++) {
      RopeConfig a = want.get(i);
      RopeConfig b = got.get(i);
      same =
          a.dims() == b.dims()
              && same(a.scaling().magnitude(), b.scaling().magnitude())
              && a.scaling().longFrom() == b.scaling().longFrom()
              && same(a, b, false)
              && same(a, b, true);
    }
    return same;
  }

  private static boolean same(RopeConfig a, RopeConfig b, boolean longRows) {
    float[] x = a.scaling().inverseFrequencies(a.dims(), a.theta(), longRows);
    float[] y = b.scaling().inverseFrequencies(b.dims(), b.theta(), longRows);
    return Arrays.equals(x, y) || near(x, y);
  }

  private static boolean near(float[] x, float[] y) {
    for (int i = 0; i < x.length; i++) {
      if (Math.abs(x[i] - y[i]) > 1e-4 * Math.abs(x[i])) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(double a, double b) {
    return Math.abs(a - b) <= ROUNDING * Math.abs(a);
  }
}
