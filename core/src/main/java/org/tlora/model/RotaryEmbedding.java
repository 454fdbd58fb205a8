/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.DecoderConfig.RopeConfig;

/**
 * Rotary position embedding (Su et al., arXiv 2104.09864) in Hugging Face's layout: component i of
 * the turning part of a head turns together with component i + dims/2.
 */
final class RotaryEmbedding implements AutoCloseable {
  private static final int FIRST_POSITIONS = 512;

  private final RopeConfig config;
  private final Table ordinary;
  private final Table ofLongRows;

  RotaryEmbedding(RopeConfig config, Device device) {
    this.config = config;
    ordinary = new Table(config, false, device);
    ofLongRows =
        config.scaling().longFrom() == Integer.MAX_VALUE ? null : new Table(config, true, device);
  }

  /**
   * Cosines and sines of a layout's positions.
   *
   * @param cos [tokens, 1, 1, dims/2] float32
   * @param sin [tokens, 1, 2, dims/2], the first of the two negated
   */
  record Angles(Tensor cos, Tensor sin) {}

  /** The angles of every token; owned by the caller's scope. */
  Angles at(Layout layout) {
    int longest = 0;
    for (Layout.Segment s : layout.segments()) {
      longest = Math.max(longest, s.start() + s.length());
    }
    boolean isLong = longest > config.scaling().longFrom();
    return (isLong ? ofLongRows : ordinary).at(layout.positions(), longest);
  }

  /** Angles of all positions up to one. It grows, for one thread at a time. */
  private static final class Table implements AutoCloseable {
    private final Device device;
    private final float[] inverseFrequencies;
    private final float magnitude;
    private Tensor cos;
    private Tensor sin;
    private int positions;

    Table(RopeConfig config, boolean longRows, Device device) {
      this.device = device;
      inverseFrequencies =
          config.scaling().inverseFrequencies(config.dims(), config.theta(), longRows);
      magnitude = (float) config.scaling().magnitude();
    }

    synchronized Angles at(int[] wanted, int longest) {
      if (longest > positions) {
        fill(Math.max(longest, Math.max(FIRST_POSITIONS, positions * 2)));
      }
      int half = inverseFrequencies.length;
      try (Scope scope = new Scope()) {
        Tensor index = cos.newInts(wanted);
        return new Angles(
            scope.keep(cos.indexSelect(0, index).view(wanted.length, 1, 1, half)),
            scope.keep(sin.indexSelect(0, index).view(wanted.length, 1, 2, half)));
      }
    }

    private void fill(int count) {
      int half = inverseFrequencies.length;
      float[] c = new float[count * half];
      float[] s = new float[count * 2 * half];
      for (int p = 0; p < count; p++) {
        for (int i = 0; i < half; i++) {
          float angle = p * inverseFrequencies[i]; // float32 product, as the reference rounds it
          c[p * half + i] = (float) Math.cos(angle) * magnitude;
          float sine = (float) Math.sin(angle) * magnitude;
          s[p * 2 * half + i] = -sine;
          s[(p * 2 + 1) * half + i] = sine;
        }
      }
      close();
      cos = Tensor.ofFloats(device, c, count, half).detachFromScope();
      sin = Tensor.ofFloats(device, s, count, 2L * half).detachFromScope();
      positions = count;
    }

    @Override
    public synchronized void close() {
      if (cos != null) {
        cos.close();
        sin.close();
        cos = null;
        sin = null;
        positions = 0;
      }
    }
  }

  /**
   * Turns vectors in place.
   *
   * @param x [tokens, heads, headDim] float32, a view
   * @param direction 1 forward, −1 for the way back (a rotation's transpose turns the other way)
   */
  static void rotate(Tensor x, Angles angles, double direction) {
    try (Scope scope = new Scope()) {
      long half = angles.cos().size(3);
      Tensor turning = x.size(2) == 2 * half ? x : x.narrow(2, 0, 2 * half);
      Tensor pairs = turning.view(x.size(0), x.size(1), 2, half);
      Tensor others = pairs.flip(2); // what each component turns with
      pairs.mulInPlace(angles.cos()).addcmulInPlace(others, angles.sin(), direction);
    }
  }

  @Override
  public void close() {
    ordinary.close();
    if (ofLongRows != null) {
      ofLongRows.close();
    }
  }
}
