/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.autograd;

import org.tlora.engine.Tensor;

/** A value on a {@link Tape}: a tensor and, on the way back, the gradient of the loss by it. */
public final class Variable {
  private final Tensor value;
  private final boolean requiresGradient;
  private Tensor gradient;
  private boolean gradientShared;

  /** A value; {@code requiresGradient} where something below it trains. */
  public Variable(Tensor value, boolean requiresGradient) {
    this.value = value;
    this.requiresGradient = requiresGradient;
  }

  /** A value that nothing is differentiated by. */
  public static Variable constant(Tensor value) {
    return new Variable(value, false);
  }

  /** The tensor; operations that need it on the way back keep an alias. */
  public Tensor value() {
    return value;
  }

  /** Whether anybody wants the gradient by this value. */
  public boolean requiresGradient() {
    return requiresGradient;
  }

  /**
   * Adds to the gradient and takes ownership of {@code g}, which nobody else may use afterwards. A
   * value without {@link #requiresGradient} only frees it.
   */
  public void accumulate(Tensor g) {
    add(g, false);
  }

  /** As {@link #accumulate}, for a gradient that others go on reading: it is never written to. */
  public void accumulateShared(Tensor g) {
    add(g.alias(), true);
  }

  private void add(Tensor g, boolean shared) {
    g.detachFromScope();
    if (!requiresGradient) {
      g.close();
    } else if (gradient == null) {
      gradient = g;
      gradientShared = shared;
    } else {
      try {
        addToGradient(g);
      } finally {
        g.close();
      }
    }
  }

  private void addToGradient(Tensor g) {
    if (gradientShared) {
      Tensor sum = gradient.add(g).detachFromScope();
      gradient.close();
      gradient = sum;
      gradientShared = false;
    } else {
      gradient.addInPlace(g);
    }
  }

  /** Hands the gradient over to the caller, who closes it; null if none arrived. */
  public Tensor takeGradient() {
    Tensor g = gradient;
    gradient = null;
    return g;
  }
}
