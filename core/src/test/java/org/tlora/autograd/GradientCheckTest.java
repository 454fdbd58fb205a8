/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/** The check accepts what is right and nothing else, and recomputation changes no gradient. */
class GradientCheckTest {
  /** x² ∘ w, with a way back whose gradients are off by some factors. */
  private static Variable square(Tape tape, Variable x, Parameter w, double ofX, double ofW) {
    Variable y = new Variable(x.value().square().mul(w.value().to(x.value().dtype())), true);
    if (!tape.isOn()) {
      return y;
    }
    Tensor kept = Tape.save(x.value());
    tape.record(
        y,
        dy -> {
          x.accumulate(dy.mul(kept).mul(w.value()).mulInPlace(2 * ofX).to(kept.dtype()));
          w.accumulate(dy.mul(kept.square()).sum(0, false).mulInPlace(ofW));
        },
        kept);
    return y;
  }

  @Property(tries = 8)
  void whatIsRightPassesAndWhatIsAPercentOffDoesNot(
      @ForAll boolean float64,
      @ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 40) int columns,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        Parameter w = new Parameter("w", random.uniform(0.5, 1.5, columns))) {
      DType type = float64 ? DType.FLOAT64 : DType.FLOAT32;
      Tensor x = GradientCheck.values(random, type, rows, columns);
      check(random, x, w, 1, 1);
      assertThrows(AssertionError.class, () -> checkOften(random, x, w, 1.02, 1));
      assertThrows(AssertionError.class, () -> checkOften(random, x, w, 1, 0.98));
    }
  }

  /** A direction along which the output hardly changes says little. */
  private static void checkOften(Random random, Tensor x, Parameter w, double ofX, double ofW) {
    for (int i = 0; i < 10; i++) {
      check(random, x, w, ofX, ofW);
    }
  }

  private static void check(Random random, Tensor x, Parameter w, double ofX, double ofW) {
    GradientCheck.of(random, x, (tape, v) -> square(tape, v, w, ofX, ofW))
        .parameters(List.of(w))
        .check();
  }

  @Property(tries = 8)
  void whatIsRunAgainHasTheSameGradientsToTheBit(
      @ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 40) int columns,
      @ForAll boolean inputWanted,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        Parameter w = new Parameter("w", random.uniform(0.5, 1.5, columns))) {
      Tensor x = GradientCheck.values(random, DType.FLOAT32, rows, columns);
      List<float[]> kept = gradients(x, w, inputWanted, false);
      List<float[]> again = gradients(x, w, inputWanted, true);
      for (int i = 0; i < kept.size(); i++) {
        assertArrayEquals(kept.get(i), again.get(i));
      }
      GradientCheck.of(random, x, inputWanted, (tape, v) -> twice(tape, v, w, true))
          .parameters(List.of(w))
          .check();
    }
  }

  /** Two segments, one behind the other. */
  private static Variable twice(Tape tape, Variable x, Parameter w, boolean again) {
    if (!again) {
      return square(tape, square(tape, x, w, 1, 1), w, 1, 1);
    }
    Variable middle = Recomputed.run(tape, x, true, (t, v) -> square(t, v, w, 1, 1));
    return Recomputed.run(tape, middle, true, (t, v) -> square(t, v, w, 1, 1));
  }

  private static List<float[]> gradients(Tensor x, Parameter w, boolean wanted, boolean again) {
    List<float[]> all = new ArrayList<>();
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Variable start = new Variable(x, wanted);
      tape.backward(twice(tape, start, w, again), null);
      all.add(w.gradient().toFloats());
      w.clearGradient();
      if (wanted) {
        try (Tensor dx = start.takeGradient()) {
          all.add(dx.toFloats());
        }
      }
    }
    return all;
  }
}
