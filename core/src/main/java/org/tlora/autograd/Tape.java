/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * The operations of one forward pass, in order, so that they can be gone through backwards once.
 *
 * <p>An operation records what it needs on the way back as saved tensors (handles that the tape
 * closes as soon as they were used) and a {@link Backward}. A tape that is off records nothing, and
 * nothing is saved.
 */
public final class Tape implements AutoCloseable {
  /** The way back through one operation. */
  public interface Backward {
    /**
     * Adds to the gradients of the operation's inputs and parameters.
     *
     * @param outputGradient ∂loss/∂output; the tape closes it afterwards
     */
    void run(Tensor outputGradient);
  }

  private record Node(Variable output, Backward backward, Runnable free) {}

  private final boolean on;
  private final List<Node> nodes = new ArrayList<>();

  private Tape(boolean on) {
    this.on = on;
  }

  /** A tape that records. */
  public static Tape recording() {
    return new Tape(true);
  }

  /** A tape that records nothing: for inference. */
  public static Tape off() {
    return new Tape(false);
  }

  /** Whether operations record themselves. */
  public boolean isOn() {
    return on;
  }

  /**
   * Records an operation.
   *
   * @param saved tensors that {@code backward} reads; the tape keeps handles of its own on them, so
   *     they must be the same objects that {@code backward} uses (see {@link #save})
   */
  public void record(Variable output, Backward backward, Tensor... saved) {
    record(output, backward, () -> Arrays.asList(saved).forEach(Tensor::close));
  }

  /** As above, with any way of freeing what was saved; it runs once, used or not. */
  public void record(Variable output, Backward backward, Runnable free) {
    if (!on) {
      throw new IllegalStateException("this tape is off");
    }
    nodes.add(new Node(output, backward, free));
  }

  /** A handle on {@code t} that outlives the caller's scope; pass it to {@link #record}. */
  public static Tensor save(Tensor t) {
    return t.alias().detachFromScope();
  }

  /**
   * Goes back from {@code output}, whose gradient is {@code seed} (null: one), and leaves gradients
   * in the parameters and in the variables that nothing produced. Empties the tape, also where an
   * operation throws on the way.
   */
  public void backward(Variable output, Tensor seed) {
    if (!output.requiresGradient()) {
      throw new IllegalStateException("nothing that trains leads to this output");
    }
    Tensor first = seed == null ? output.value().copy().fillInPlace(1) : seed.alias();
    output.accumulate(first);
    try {
      for (int i = nodes.size() - 1; i >= 0; i--) {
        back(nodes.remove(i));
      }
    } finally {
      close();
    }
  }

  private static void back(Node node) {
    try {
      Tensor gradient = node.output().takeGradient();
      if (gradient != null) {
        try (Scope scope = new Scope()) {
          node.backward().run(gradient);
        } finally {
          gradient.close();
        }
      }
    } finally {
      node.free().run();
    }
  }

  /** Frees what was saved for a way back that will not be gone, or not to its end. */
  @Override
  public void close() {
    for (Node node : nodes) {
      Tensor gradient = node.output().takeGradient();
      if (gradient != null) {
        gradient.close();
      }
      node.free().run();
    }
    nodes.clear();
  }
}
