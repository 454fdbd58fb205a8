/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;

/** How rotary frequencies are stretched for contexts longer than those of pretraining. */
public sealed interface RopeScaling {
  /**
   * The angle per position of each pair of components.
   *
   * @param dims components that turn
   * @param longRows whether they are for rows longer than {@link #longFrom}
   * @return [dims/2], computed in float32 as the reference does
   */
  float[] inverseFrequencies(int dims, double theta, boolean longRows);

  /** What cosines and sines are multiplied by. */
  default double magnitude() {
    return 1;
  }

  /** Rows with more tokens than this have frequencies of their own. */
  default int longFrom() {
    return Integer.MAX_VALUE;
  }

  private static float[] plain(int dims, double theta) {
    float[] f = new float[dims / 2];
    for (int i = 0; i < f.length; i++) {
      float exponent = (2f * i) / dims;
      f[i] = 1.0f / (float) Math.pow(theta, exponent);
    }
    return f;
  }

  /** No scaling. */
  record None() implements RopeScaling {
    @Override
    public float[] inverseFrequencies(int dims, double theta, boolean longRows) {
      return plain(dims, theta);
    }
  }

  /** Every position counts as position / factor (Chen et al., arXiv 2306.15595). */
  record LinearFactor(double factor) implements RopeScaling {
    @Override
    public float[] inverseFrequencies(int dims, double theta, boolean longRows) {
      float[] f = plain(dims, theta);
      for (int i = 0; i < f.length; i++) {
        f[i] = f[i] / (float) factor;
      }
      return f;
    }
  }

  /**
   * Llama 3's: long waves are stretched by {@code factor}, short ones kept, those between blended.
   */
  record Llama3(double factor, double lowFactor, double highFactor, double originalPositions)
      implements RopeScaling {
    @Override
    public float[] inverseFrequencies(int dims, double theta, boolean longRows) {
      float[] f = plain(dims, theta);
      double longest = originalPositions / lowFactor;
      double shortest = originalPositions / highFactor;
      for (int i = 0; i < f.length; i++) {
        float wave = (float) (2 * Math.PI) / f[i];
        if (wave > longest) {
          f[i] = f[i] / (float) factor;
        } else if (wave >= shortest) {
          float blend =
              ((float) originalPositions / wave - (float) lowFactor)
                  / (float) (highFactor - lowFactor);
          f[i] = (1 - blend) * f[i] / (float) factor + blend * f[i];
        }
      }
      return f;
    }
  }

  /**
   * YaRN (Peng et al., arXiv 2309.00071): components that turn often within the original context
   * keep their frequency, those that turn seldom are stretched, with a ramp between.
   *
   * @param magnitude what cosines and sines are multiplied by
   * @param betaFast turns within the original context from which on nothing is stretched
   * @param betaSlow turns up to which all is
   * @param truncate whether the ramp's ends are rounded to whole components
   */
  record Yarn(
      double factor,
      double magnitude,
      double betaFast,
      double betaSlow,
      double originalPositions,
      boolean truncate)
      implements RopeScaling {
    @Override
    public float[] inverseFrequencies(int dims, double theta, boolean longRows) {
      double low = component(betaFast, dims, theta);
      double high = component(betaSlow, dims, theta);
      if (truncate) {
        low = Math.floor(low);
        high = Math.ceil(high);
      }
      low = Math.max(low, 0);
      high = Math.min(high, dims - 1.0);
      if (low == high) {
        high += 0.001;
      }
      float[] f = plain(dims, theta);
      for (int i = 0; i < f.length; i++) {
        float ramp = (float) Math.max(0, Math.min(1, (i - low) / (high - low)));
        f[i] = f[i] / (float) factor * ramp + f[i] * (1 - ramp);
      }
      return f;
    }

    /** The component that turns so often within the original context. */
    private double component(double turns, int dims, double theta) {
      return dims * Math.log(originalPositions / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }
  }

  /**
   * LongRoPE (Ding et al., arXiv 2402.13753): a factor for each component, of one list for rows
   * within the original context and another for longer ones.
   */
  record LongRope(
      List<Double> shortFactors, List<Double> longFactors, double magnitude, int originalPositions)
      implements RopeScaling {
    @Override
    public float[] inverseFrequencies(int dims, double theta, boolean longRows) {
      List<Double> factors = longRows ? longFactors : shortFactors;
      float[] f = new float[dims / 2];
      for (int i = 0; i < f.length; i++) {
        float exponent = (2f * i) / dims;
        f[i] = 1.0f / (factors.get(i).floatValue() * (float) Math.pow(theta, exponent));
      }
      return f;
    }

    @Override
    public int longFrom() {
      return originalPositions;
    }
  }
}
