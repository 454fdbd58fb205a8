/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.DecoderConfig.AttentionConfig;
import org.tlora.model.DecoderConfig.HeadNorm;
import org.tlora.model.DecoderConfig.LayerAttention;
import org.tlora.model.DecoderConfig.RopeConfig;

/** In bfloat16 attention and its way back are those of float32 on the same numbers, rounded. */
class AttentionInBfloat16Test {
  private record Passed(Tensor y, Tensor gradient) {}

  @ParameterizedTest
  @CsvSource({"0, 0", "24, 0", "0, 1.5"})
  void bothWaysAreThoseOfFloat32(int window, double softcap) {
    AttentionConfig config =
        new AttentionConfig(
            4,
            2,
            32,
            0.2,
            softcap,
            false,
            false,
            HeadNorm.NONE,
            List.of(new LayerAttention(window, 0)));
    RopeConfig rope = new RopeConfig(32, 10000, new RopeScaling.None());
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 1);
        RotaryEmbedding rotary = new RotaryEmbedding(rope, Device.CPU)) {
      Layout layout = Layout.of(70, 1, 33);
      Tensor x = random.normal(0, 1, layout.tokens(), 8 * 32L).to(DType.BFLOAT16);
      Tensor dy = random.normal(0, 1, layout.tokens(), 4 * 32L).to(DType.BFLOAT16);
      SelfAttention attention = new SelfAttention(0, config);
      Passed rounded = pass(attention, layout, x, dy, rotary);
      Passed exact = pass(attention, layout, x.to(DType.FLOAT32), dy.to(DType.FLOAT32), rotary);
      assertEquals(DType.BFLOAT16, rounded.y().dtype());
      assertNear(exact.y(), rounded.y());
      assertNear(exact.gradient(), rounded.gradient());
    }
  }

  private static Passed pass(
      SelfAttention attention, Layout layout, Tensor x, Tensor dy, RotaryEmbedding rotary) {
    try (Tape tape = Tape.recording()) {
      Variable input = new Variable(x.copy(), true);
      Variable y =
          attention.forward(Pass.recorded(tape, layout, Adaptation.NONE), input, rotary.at(layout));
      Tensor forward = y.value().copy();
      tape.backward(y, dy);
      return new Passed(forward, input.takeGradient());
    }
  }

  /** bfloat16 keeps 8 bits: what is rounded a few times is off by some 2⁻⁸ of its size. */
  private static void assertNear(Tensor expected, Tensor actual) {
    Tensor exact = expected.to(DType.FLOAT64);
    double off = actual.to(DType.FLOAT64).sub(exact).norm64() / exact.norm64();
    assertTrue(off < 0.01, "off by " + off);
    assertTrue(off > 0, "rounded");
  }
}
