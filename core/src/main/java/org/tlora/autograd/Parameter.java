/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.autograd;

import java.util.function.Consumer;
import org.tlora.engine.DType;
import org.tlora.engine.Footprint;
import org.tlora.engine.Tensor;

/** A tensor that trains, under the name that it has on disk. Values are float32. */
public final class Parameter implements AutoCloseable {
  private final String name;
  private final Tensor value;
  private final double rateFactor;
  private Tensor gradient;
  private Consumer<Parameter> watcher;

  /** Takes ownership of {@code value}. */
  public Parameter(String name, Tensor value) {
    this(name, value, 1);
  }

  /**
   * Takes ownership of {@code value}.
   *
   * @param rateFactor times the run's learning rate is this one's
   */
  public Parameter(String name, Tensor value, double rateFactor) {
    this.name = name;
    this.value = value.detachFromScope();
    this.rateFactor = rateFactor;
  }

  /** What the run's learning rate is multiplied by for this parameter. */
  public double rateFactor() {
    return rateFactor;
  }

  /** The name on disk. */
  public String name() {
    return name;
  }

  /** The values, in place. */
  public Tensor value() {
    return value;
  }

  /** Σ gradients since {@link #clearGradient}, float32, or null. Owned here. */
  public Tensor gradient() {
    return gradient;
  }

  /** Has somebody told of each gradient that is added; null: nobody. */
  public void watch(Consumer<Parameter> told) {
    watcher = told;
  }

  /** Adds {@code g}, of any float type, and closes nothing. */
  public void accumulate(Tensor g) {
    if (gradient != null) {
      gradient.addInPlace(g);
    } else if (g.dtype() == DType.FLOAT32) {
      // a handle of its own, also where it is contiguous already
      gradient = g.contiguous().detachFromScope();
    } else {
      gradient = g.to(DType.FLOAT32).contiguous().detachFromScope();
    }
    Footprint.mark(Footprint.Part.GRADIENTS, gradient);
    if (watcher != null) {
      watcher.accept(this);
    }
  }

  /** Hands the gradient over to the caller, who closes it; null if there is none. */
  public Tensor takeGradient() {
    Tensor taken = gradient;
    gradient = null;
    return taken == null ? null : taken.detachFromScope();
  }

  /** Puts a gradient back that was taken; takes ownership, and may be null. */
  public void putGradient(Tensor g) {
    clearGradient();
    gradient = g == null ? null : g.detachFromScope();
  }

  /** Forgets the gradient. */
  public void clearGradient() {
    if (gradient != null) {
      gradient.close();
      gradient = null;
    }
  }

  @Override
  public void close() {
    clearGradient();
    value.close();
  }
}
