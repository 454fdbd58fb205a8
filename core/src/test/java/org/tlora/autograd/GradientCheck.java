/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Compares the gradients of a way back with differences of what is computed: for L = Σ c ∘ y with
 * random c, the slope of L along a random direction is what the gradients say. Since all elements
 * move at once, a single wrong one among thousands is seen.
 *
 * <p>Differences are of the fourth order, so that steps can be wide enough for float32.
 */
public final class GradientCheck {
  /** Of the size of what is moved; float32 has no digits for a smaller one. */
  private static final double STEP = 1.0 / 64;

  private static final double PRECISE_STEP = 1.0 / 128;

  private static final int HALVINGS = 8;

  /** What is differentiated; it must compute the same each time. */
  public interface Block {
    /**
     * Runs it. Its inputs are copies that it may write over or close.
     *
     * @return the output, owned by the caller's scope
     */
    Variable run(Tape tape, List<Variable> inputs);
  }

  /** A block of one input. */
  public interface OfOne {
    /** See {@link Block#run}. */
    Variable run(Tape tape, Variable x);
  }

  private record Input(Tensor value, boolean wanted) {}

  /**
   * What is moved.
   *
   * @param parameter null: an input
   * @param mask see {@link #parameter}, like {@code moved}
   */
  private record Point(
      String name, Tensor value, Parameter parameter, Tensor mask, Runnable moved) {}

  private final Random random;
  private final Block block;
  private final List<Input> inputs = new ArrayList<>();
  private final List<Point> points = new ArrayList<>();

  /**
   * A check without inputs and parameters as yet.
   *
   * @param random draws directions
   */
  public GradientCheck(Random random, Block block) {
    this.random = random;
    this.block = block;
  }

  /** A check of a block of one input. */
  public static GradientCheck of(Random random, Tensor x, OfOne block) {
    return of(random, x, true, block);
  }

  /** A check of a block of one input, which requires a gradient or does not. */
  public static GradientCheck of(Random random, Tensor x, boolean wanted, OfOne block) {
    return new GradientCheck(random, (tape, inputs) -> block.run(tape, inputs.get(0)))
        .input(x, wanted);
  }

  /** Another input, whose gradient is checked where it requires one. */
  public GradientCheck input(Tensor x, boolean wanted) {
    if (wanted) {
      points.add(new Point("input " + inputs.size(), x, null, null, () -> {}));
    }
    inputs.add(new Input(x, wanted));
    return this;
  }

  /** What trains in the block. */
  public GradientCheck parameters(List<Parameter> all) {
    all.forEach(p -> parameter(p, null, () -> {}));
    return this;
  }

  /**
   * Something that trains.
   *
   * @param mask 1 where it trains and 0 where its gradient is 0, or null: it trains everywhere
   * @param moved makes up for what depends on {@code p} and counts as constant, whenever it was
   *     moved
   */
  public GradientCheck parameter(Parameter p, Tensor mask, Runnable moved) {
    points.add(new Point(p.name(), p.value(), p, mask, moved));
    return this;
  }

  /** Fails where a gradient is not the slope; clears the gradients of parameters. */
  public void check() {
    check(points.stream().map(List::of).toList(), 3);
  }

  /**
   * As {@link #check}, moving everything at once, which takes as long for many parameters as for
   * one: for what is made of blocks that are checked by themselves. A chain of blocks is steeper
   * than each of them, so that differences in float32 say it less exactly.
   */
  public void checkTogether() {
    check(List.of(points), 8);
  }

  private void check(List<List<Point>> groups, double slack) {
    try (Scope scope = new Scope()) {
      Tensor y = output();
      Tensor c = values(random, y.dtype(), y.shape());
      Map<Point, Tensor> gradients = gradients(c);
      for (List<Point> group : groups) {
        try (Scope inner = new Scope()) {
          compare(group, gradients, y, c.to(DType.FLOAT64), slack);
        }
      }
    }
  }

  /** Steps become smaller where the function is too steep for them. */
  private void compare(
      List<Point> group, Map<Point, Tensor> gradients, Tensor y, Tensor c, double slack) {
    List<Tensor> directions = group.stream().map(this::direction).toList();
    double slope = 0;
    for (int i = 0; i < group.size(); i++) {
      slope += gradients.get(group.get(i)).mul(directions.get(i)).sum().item();
    }
    boolean precise = allPrecise(y);
    double measured = Double.NaN;
    double off = 0;
    double step = precise ? PRECISE_STEP : STEP;
    for (int i = 0; i < HALVINGS && !(Math.abs(measured - slope) <= off); i++) {
      try (Scope scope = new Scope()) {
        Tensor rise = rise(group, directions, step);
        measured = rise.mul(c).sum().item();
        // what rounds away, and how far a slope of elements that cancel each other may be off
        double rounded = (precise ? 1e-11 : 3e-5) * y.norm64();
        off = (precise ? 5e-5 : 1e-3) * rise.norm64() + rounded;
        off = slack * off * c.norm64() / Math.sqrt((double) c.size()) + 1e-12;
      }
      step /= 2;
    }
    assertEquals(measured, slope, off, () -> group.stream().map(Point::name).toList().toString());
  }

  /** Whether everything is in float64. */
  private boolean allPrecise(Tensor y) {
    return y.dtype() == DType.FLOAT64
        && inputs.stream().allMatch(x -> x.value().dtype() == DType.FLOAT64);
  }

  private List<Variable> variables() {
    return inputs.stream().map(x -> new Variable(x.value().copy(), x.wanted())).toList();
  }

  /** y; it is recorded, since what inference keeps of parameters would be of where they were. */
  private Tensor output() {
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      return scope.keep(block.run(tape, variables()).value().copy());
    }
  }

  /** By all points, float64. */
  private Map<Point, Tensor> gradients(Tensor c) {
    points.stream().filter(p -> p.parameter() != null).forEach(p -> p.parameter().clearGradient());
    Map<Point, Tensor> all = new HashMap<>();
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      List<Variable> x = variables();
      tape.backward(block.run(tape, x), c);
      List<Tensor> ofInputs = new ArrayList<>();
      for (int i = 0; i < x.size(); i++) {
        if (inputs.get(i).wanted()) {
          try (Tensor g = x.get(i).takeGradient()) {
            assertNotNull(g, "input " + i + " has a gradient");
            assertEquals(inputs.get(i).value().dtype(), g.dtype(), "type of the gradient");
            ofInputs.add(g.to(DType.FLOAT64).copy());
          }
        }
      }
      for (Point p : points) {
        Tensor g = p.parameter() == null ? ofInputs.remove(0) : taken(p);
        assertArrayEquals(p.value().shape(), g.shape(), p.name());
        all.put(p, scope.keep(g));
      }
    }
    return all;
  }

  private static Tensor taken(Point p) {
    assertNotNull(p.parameter().gradient(), p.name() + " has a gradient");
    Tensor g = p.parameter().gradient().to(DType.FLOAT64).copy();
    p.parameter().clearGradient();
    if (p.mask() != null) {
      Tensor untrained = p.mask().mul(-1).addInPlace(1).mulInPlace(g);
      assertEquals(0, untrained.absoluteSum(), p.name() + " where it does not train");
    }
    return g;
  }

  /** As large as the values are. */
  private Tensor direction(Point p) {
    double size = p.value().norm64() / Math.sqrt((double) p.value().size());
    Tensor d = values(random, DType.FLOAT64, p.value().shape()).mulInPlace(size == 0 ? 1 : size);
    return p.mask() == null ? d : d.mulInPlace(p.mask());
  }

  /** dy/dt of y(points + t · directions) at t = 0, float64. */
  private Tensor rise(List<Point> group, List<Tensor> directions, double step) {
    try (Scope scope = new Scope()) {
      List<Tensor> start = group.stream().map(p -> p.value().copy()).toList();
      DoubleFunction<Tensor> at =
          way -> {
            move(group, start, directions, way);
            return output().to(DType.FLOAT64);
          };
      Tensor near = at.apply(step).sub(at.apply(-step));
      Tensor far = at.apply(2 * step).sub(at.apply(-2 * step));
      move(group, start, directions, 0);
      return scope.keep(near.mulInPlace(8).subInPlace(far).mulInPlace(1 / (12 * step)));
    }
  }

  private static void move(
      List<Point> group, List<Tensor> start, List<Tensor> directions, double way) {
    for (int i = 0; i < group.size(); i++) {
      try (Scope scope = new Scope()) {
        Tensor moved = start.get(i).to(DType.FLOAT64).copy();
        group.get(i).value().copyFrom(moved.addInPlace(directions.get(i), way));
      }
    }
    group.forEach(p -> p.moved().run());
  }

  /** Numbers of random signs that are all away from 0, where many functions bend. */
  public static Tensor values(Random random, DType type, long... shape) {
    try (Scope scope = new Scope()) {
      Tensor sign = random.uniform(0, 1, shape).lessThan(0.5).to(DType.FLOAT32).mulInPlace(2);
      Tensor size = random.uniform(0.4, 1.6, shape);
      return scope.keep(sign.addInPlace(-1).mulInPlace(size).to(type).copy());
    }
  }
}
