package org.tlora.model;

import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Rotary position embedding (Su et al., arXiv 2104.09864) in Hugging Face's layout: component i of
 * a head turns together with component i + headDim/2.
 */
final class RotaryEmbedding implements AutoCloseable {
  private static final int FIRST_POSITIONS = 512;

  private final float[] inverseFrequencies;
  private Tensor cos;
  private Tensor sin;
  private int positions;

  RotaryEmbedding(RopeScaling scaling, int headDim, double theta) {
    inverseFrequencies = scaling.inverseFrequencies(headDim, theta);
  }

  /**
   * Cosines and sines of a layout's positions.
   *
   * @param cos [tokens, 1, headDim/2] float32
   * @param sin likewise
   */
  record Angles(Tensor cos, Tensor sin) {}

  /** The angles of every token; owned by the caller's scope. */
  Angles at(Layout layout) {
    int[] wanted = layout.positions();
    int last = 0;
    for (int p : wanted) {
      last = Math.max(last, p);
    }
    if (last >= positions) {
      fill(Math.max(last + 1, Math.max(FIRST_POSITIONS, positions * 2)));
    }
    try (Scope scope = new Scope()) {
      Tensor index = Tensor.ofInts(wanted);
      return new Angles(
          scope.keep(cos.indexSelect(0, index).unsqueeze(1)),
          scope.keep(sin.indexSelect(0, index).unsqueeze(1)));
    }
  }

  private void fill(int count) {
    int half = inverseFrequencies.length;
    float[] c = new float[count * half];
    float[] s = new float[count * half];
    for (int p = 0; p < count; p++) {
      for (int i = 0; i < half; i++) {
        float angle = p * inverseFrequencies[i]; // float32 product, as the reference rounds it
        c[p * half + i] = (float) Math.cos(angle);
        s[p * half + i] = (float) Math.sin(angle);
      }
    }
    close();
    cos = Tensor.ofFloats(c, count, half).detachFromScope();
    sin = Tensor.ofFloats(s, count, half).detachFromScope();
    positions = count;
  }

  /**
   * Turns vectors in place.
   *
   * @param x [tokens, heads, headDim] float32, a view
   * @param direction 1 forward, −1 for the way back (a rotation's transpose turns the other way)
   */
  static void rotate(Tensor x, Angles angles, double direction) {
    try (Scope scope = new Scope()) {
      long half = x.size(2) / 2;
      Tensor first = x.narrow(2, 0, half);
      Tensor second = x.narrow(2, half, half);
      Tensor turned = first.mul(angles.sin());
      first.mulInPlace(angles.cos()).addcmulInPlace(second, angles.sin(), -direction);
      second.mulInPlace(angles.cos()).addInPlace(turned, direction);
    }
  }

  @Override
  public void close() {
    if (cos != null) {
      cos.close();
      sin.close();
      cos = null;
      sin = null;
      positions = 0;
    }
  }
}
