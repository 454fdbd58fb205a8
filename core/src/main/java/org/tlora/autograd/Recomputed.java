/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.autograd;

import java.util.function.BiFunction;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Activation checkpointing: a segment is run without recording and run again on the way back, so
 * that only its input is kept (Chen et al., arXiv 1604.06174).
 */
public final class Recomputed {
  private Recomputed() {}

  /**
   * Runs {@code segment} on {@code x}. It must give the same result both times.
   *
   * @param trains whether the segment has parameters or observers of its own that want gradients
   * @return the segment's output, owned by the caller's scope
   */
  public static Variable run(
      Tape tape, Variable x, boolean trains, BiFunction<Tape, Variable, Variable> segment) {
    boolean wanted = tape.isOn() && (trains || x.requiresGradient());
    if (!wanted) {
      return segment.apply(Tape.off(), Variable.constant(x.value()));
    }
    Variable inner = segment.apply(Tape.off(), Variable.constant(x.value()));
    Variable output = new Variable(inner.value(), true);
    var input = Tape.save(x.value());
    tape.record(
        output,
        dy -> {
          try (Scope scope = new Scope();
              Tape again = Tape.recording()) {
            Variable start = new Variable(input, x.requiresGradient());
            try {
              Variable end = segment.apply(again, start);
              if (end.requiresGradient()) {
                again.backward(end, dy);
              }
            } catch (RuntimeException | Error e) {
              close(start.takeGradient());
              throw e;
            }
            var dx = start.takeGradient();
            if (dx != null) {
              x.accumulate(dx);
            }
          }
        },
        input);
    return output;
  }

  private static void close(Tensor gradient) {
    if (gradient != null) {
      gradient.close();
    }
  }
}
