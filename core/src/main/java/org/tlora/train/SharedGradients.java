/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tlora.autograd.Parameter;
import org.tlora.collective.Collective;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;

/**
 * The gradients of one step over all processes, and the optimizer that takes them: of a process by
 * itself just what is there.
 */
final class SharedGradients {
  private final Collective all;
  private final List<Parameter> parameters;
  private final Optimizer optimizer;
  private final GradientBuckets buckets; // null: this process is by itself
  private final boolean slices;
  private GradientExchange exchange;
  private Set<Parameter> unreached = Set.of();

  /** For the steps of a run with these parts; the optimizer stays the caller's. */
  SharedGradients(TrainingParts parts, boolean wholeGradients, Optimizer optimizer) {
    this.all = parts.collective();
    this.parameters = parts.parameters();
    this.optimizer = optimizer;
    this.buckets = all.isGroup() ? buckets(parts) : null;
    this.slices = buckets != null && parts.sharding() == Sharding.GRADIENTS && !wholeGradients;
  }

  /** How the parameters of a run travel; the same in each process. */
  static GradientBuckets buckets(TrainingParts parts) {
    Set<Parameter> last = new HashSet<>();
    // both of the vocabulary's tables may be one tensor, which both ends of a pass reach
    for (Linear table : parts.model().tables()) {
      parts.parameters().stream().filter(p -> p.name().contains(table.name())).forEach(last::add);
    }
    return new GradientBuckets(parts.parameters(), last, parts.collective().size());
  }

  /** A step begins. */
  void begin() {
    exchange = buckets == null ? null : new GradientExchange(buckets, all, slices);
  }

  /** The last way back of the step begins in this process. */
  void lastBegins() {
    if (exchange != null) {
      exchange.lastBegins();
    }
  }

  /**
   * The step over all processes.
   *
   * @param loss of all
   * @param finite whether that of each is
   * @param abandoned whether one of them was asked to stop before its rows were through
   */
  record Sums(double loss, boolean finite, boolean abandoned) {}

  /**
   * Brings the gradients together.
   *
   * @param loss this process's part
   * @param abandoned whether its rows are not through, since it was asked to stop
   */
  Sums finish(double loss, boolean abandoned) {
    boolean finite = Double.isFinite(loss);
    if (exchange == null) {
      return new Sums(loss, finite, abandoned);
    }
    boolean late = exchange.finish();
    double[] reached = exchange.reached();
    double[] own = new double[reached.length + 4];
    System.arraycopy(reached, 0, own, 4, reached.length);
    own[0] = finite ? loss : 0;
    own[1] = finite ? 0 : 1;
    own[2] = late ? 1 : 0;
    own[3] = abandoned ? 1 : 0;
    double[] sums = all.sum(own);
    if (sums[2] > 0) {
      exchange.addLate();
    }
    double[] counts = new double[reached.length];
    System.arraycopy(sums, 4, counts, 0, counts.length);
    unreached = exchange.unreached(counts);
    exchange.deliver(unreached);
    return new Sums(sums[0], sums[1] == 0, sums[3] > 0);
  }

  /** The norm of all gradients. */
  double norm() {
    try (Scope scope = new Scope()) {
      if (!slices) {
        return Gradients.norm(parameters).item();
      }
      double squares = 0;
      for (Tensor slice : exchange.slices()) {
        squares += slice.sumOfSquares();
      }
      return Math.sqrt(all.sum(squares)[0]);
    }
  }

  /** Scales them so that their norm is at most {@code most}. */
  void clip(double norm, double most) {
    Gradients.clip(slices ? exchange.slices() : Gradients.of(parameters), norm, most);
  }

  /** Takes the step. */
  void step(double rate) {
    if (optimizer instanceof ShardedOptimizer sharded) {
      sharded.step(rate, slices ? exchange.slices() : List.of(), unreached);
    } else {
      optimizer.step(rate);
    }
  }

  /** The step has ended, well or not. */
  void end() {
    parameters.forEach(Parameter::clearGradient);
    if (exchange != null) {
      exchange.close();
      exchange = null;
    }
  }
}
