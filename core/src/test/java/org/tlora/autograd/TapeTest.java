/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

class TapeTest {
  /** A chain of doublings, one of which throws on the way back. */
  private static final class Chain {
    private final List<Tensor> saved = new ArrayList<>();
    private final List<Tensor> gradients = new ArrayList<>();
    private final Variable start;
    private final Variable end;

    private Chain(Tape tape, Variable start, int length, int failing, Throwable failure) {
      this.start = start;
      Variable at = start;
      for (int i = 0; i < length; i++) {
        at = doubled(tape, at, i == failing ? failure : null);
      }
      end = at;
    }

    private Variable doubled(Tape tape, Variable x, Throwable failure) {
      Variable y = new Variable(x.value().mul(2), true);
      Tensor kept = Tape.save(x.value());
      saved.add(kept);
      tape.record(
          y,
          dy -> {
            gradients.add(dy);
            Tensor dx = dy.mul(2);
            gradients.add(dx);
            x.accumulate(dx);
            if (failure instanceof Error error) {
              throw error;
            }
            if (failure != null) {
              throw (RuntimeException) failure;
            }
          },
          kept);
      return y;
    }
  }

  @Test
  void aWayBackFreesWhatWasSavedAndLeavesTheGradient() {
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Variable x = new Variable(Tensor.ofFloats(Device.CPU, new float[] {1, 2}, 2), true);
      Chain chain = new Chain(tape, x, 3, -1, null);
      tape.backward(chain.end, null);
      try (Tensor gradient = x.takeGradient()) {
        assertArrayEquals(new float[] {8, 8}, gradient.toFloats());
      }
      assertTrue(chain.saved.stream().allMatch(Tensor::isClosed));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void aWayBackThatThrowsFreesEverything(int failing) {
    for (Throwable failure : List.of(new IllegalStateException("no"), new OutOfMemoryError("no"))) {
      try (Scope scope = new Scope()) {
        Tape tape = Tape.recording();
        Variable x = new Variable(Tensor.ofFloats(Device.CPU, new float[] {1, 2}, 2), true);
        Chain chain = new Chain(tape, x, 4, failing, failure);
        assertEquals(
            failure, assertThrows(failure.getClass(), () -> tape.backward(chain.end, null)));
        assertEquals(4, chain.saved.size());
        assertTrue(chain.saved.stream().allMatch(Tensor::isClosed), "saved tensors");
        Tensor left = chain.start.takeGradient(); // its owner's: nothing produced it
        assertEquals(failing == 0, left != null);
        chain.gradients.remove(left);
        assertTrue(chain.gradients.stream().allMatch(Tensor::isClosed), "gradients");
        if (left != null) {
          left.close();
        }
        tape.close();
      }
    }
  }

  @Test
  void aSegmentThatIsRunAgainAndThrowsFreesItsInputAndItsGradients() {
    List<Chain> chains = new ArrayList<>();
    try (Scope scope = new Scope()) {
      Tape tape = Tape.recording();
      Variable x = new Variable(Tensor.ofFloats(Device.CPU, new float[] {1, 2}, 2), true);
      Variable y =
          Recomputed.run(
              tape,
              x,
              true,
              (inner, start) -> {
                if (!inner.isOn()) {
                  return new Variable(start.value().mul(4), false);
                }
                chains.add(new Chain(inner, start, 2, 0, new IllegalStateException("no")));
                return chains.get(0).end;
              });
      assertThrows(IllegalStateException.class, () -> tape.backward(y, null));
      assertEquals(1, chains.size());
      assertTrue(chains.get(0).saved.stream().allMatch(Tensor::isClosed));
      assertTrue(chains.get(0).gradients.stream().allMatch(Tensor::isClosed));
      assertNull(x.takeGradient());
      tape.close();
    }
  }

  @Test
  void whatIsAddedIsFreedAlsoWhereItDoesNotFit() {
    try (Scope scope = new Scope()) {
      Variable x = new Variable(Tensor.zeros(Device.CPU, DType.FLOAT32, 2), true);
      x.accumulate(Tensor.zeros(Device.CPU, DType.FLOAT32, 2));
      Tensor other = Tensor.zeros(Device.CPU, DType.FLOAT32, 3);
      assertThrows(RuntimeException.class, () -> x.accumulate(other));
      assertTrue(other.isClosed());
      Tensor gradient = x.takeGradient();
      assertFalse(gradient.isClosed());
      gradient.close();
    }
  }
}
