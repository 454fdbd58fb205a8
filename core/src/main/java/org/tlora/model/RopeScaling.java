package org.tlora.model;

/** How rotary frequencies are stretched for contexts longer than those of pretraining. */
public sealed interface RopeScaling {
  /**
   * The angle per position of each pair of components.
   *
   * @return [headDim/2], computed in float32 as the reference does
   */
  float[] inverseFrequencies(int headDim, double theta);

  private static float[] plain(int headDim, double theta) {
    float[] f = new float[headDim / 2];
    for (int i = 0; i < f.length; i++) {
      float exponent = (2f * i) / headDim;
      f[i] = 1.0f / (float) Math.pow(theta, exponent);
    }
    return f;
  }

  /** No scaling. */
  record None() implements RopeScaling {
    @Override
    public float[] inverseFrequencies(int headDim, double theta) {
      return plain(headDim, theta);
    }
  }

  /** Every position counts as position / factor (Chen et al., arXiv 2306.15595). */
  record LinearFactor(double factor) implements RopeScaling {
    @Override
    public float[] inverseFrequencies(int headDim, double theta) {
      float[] f = plain(headDim, theta);
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
    public float[] inverseFrequencies(int headDim, double theta) {
      float[] f = plain(headDim, theta);
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
}
