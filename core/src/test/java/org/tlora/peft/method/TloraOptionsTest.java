/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.UsageFault;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.quickstart.TinyModels;

/** What TLoRA's own options change: where A points, what ranks go by, how B's steps are scaled. */
class TloraOptionsTest {
  private static final int RANK = 4;

  @TempDir Path directory;

  @Property(tries = 60)
  void whitenedRowsSpanTheSameAndDecorrelateTheInputs(
      @ForAll @IntRange(min = 6, max = 24) int in,
      @ForAll @IntRange(min = 1, max = 5) int rank,
      @ForAll long seed) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed)) {
      Tensor x = random.normal(0, 1, 4L * in, in);
      Tensor c = x.t().mm(x);
      Tensor a = LinearAlgebra.qr(random.normal(0, 1, in, rank)).q().t();
      Tensor whitened = Whitening.of(a, c);
      Tensor energy = whitened.mm(c).mm(whitened.t()).to(DType.FLOAT64);
      double m = a.mm(c).mm(a.t()).diagonal().mean().item();
      Tensor off = energy.copy();
      off.diagonal().addInPlace(-m);
      assertTrue(off.norm() <= 0.02 * m * rank, "a multiple of I: off by " + off.norm() / m);
      Tensor q = LinearAlgebra.qr(whitened.to(DType.FLOAT64).t()).q();
      Tensor outside = a.to(DType.FLOAT64).sub(a.to(DType.FLOAT64).mm(q).mm(q.t()));
      assertTrue(outside.norm() <= 1e-4, "the rows span what they did");
    }
  }

  @Test
  void whiteningLeavesRowsAloneThatTheTaskNeverUses() {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 1)) {
      Tensor a = random.normal(0, 1, 2, 5);
      Tensor none = Tensor.zeros(Device.CPU, DType.FLOAT32, 5, 5);
      assertEquals(0, Whitening.of(a, none).sub(a).norm());
    }
  }

  private static PeftOptions options(String... own) {
    Map<String, String> all = new TreeMap<>();
    for (int i = 0; i < own.length; i += 2) {
      all.put(own[i], own[i + 1]);
    }
    PeftOptions options = new PeftOptions(RANK, true, Double.NaN, 0, all);
    options.check(new Tlora());
    return options;
  }

  private interface Look {
    void at(CausalLm model, Targets targets, Statistics statistics);
  }

  /** With what the method asks for under these options, gathered on a tiny model. */
  private void with(PeftOptions options, Look look) {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      CausalLm model = tiny.model();
      List<Linear> layers = model.linears();
      try (Statistics statistics =
              Calibration.run(
                  model, layers, tiny.rows(6), new Tlora().needs(options), 2, done -> {});
          Scope scope = new Scope()) {
        look.at(model, new Targets(layers, model.parameterCount()), statistics);
      }
    }
  }

  private static long parameters(List<Linear> layers, List<LayerPlan> plans) {
    long n = 0;
    for (int i = 0; i < plans.size(); i++) {
      n += plans.get(i).rank() * layers.get(i).outFeatures();
    }
    return n;
  }

  @Test
  void marginalRanksTakeTheRowsThatAreAskedForMostAndNoMoreParameters() {
    PeftOptions options = options("allocation", "marginal");
    with(
        options,
        (model, targets, statistics) -> {
          List<Linear> layers = targets.layers();
          List<LayerPlan> plans = new Tlora().allocate(targets, statistics, options);
          long uniform = layers.stream().mapToLong(l -> RANK * l.outFeatures()).sum();
          long taken = parameters(layers, plans);
          long widest = layers.stream().mapToLong(Linear::outFeatures).max().orElseThrow();
          assertTrue(taken <= uniform && taken > uniform - widest, taken + " of " + uniform);
          double least = Double.MAX_VALUE;
          double greatestLeft = 0;
          for (int i = 0; i < layers.size(); i++) {
            Linear layer = layers.get(i);
            int most = (int) Math.min(4 * RANK, Math.min(layer.inFeatures(), layer.outFeatures()));
            Tensor all =
                LinearAlgebra.rightSingularVectors(
                    layer.denseWeight(), statistics.covariance(layer), most);
            Tensor g = statistics.gradient(layer);
            double[] gains =
                Arrays.stream(g.mm(all.t()).square().sum(0, false).toDoubles())
                    .map(v -> v / layer.outFeatures())
                    .sorted()
                    .toArray();
            int rank = plans.get(i).rank();
            if (rank > 0) {
              least = Math.min(least, gains[most - rank]);
              try (PeftAdapter started = start(layer, plans.get(i), statistics, options)) {
                Tensor a = started.factors().a();
                assertEquals(rank, a.size(0));
                double[] own = g.mm(a.t()).square().sum(0, false).toDoubles();
                double sum = Arrays.stream(own).sum() / layer.outFeatures();
                double want = Arrays.stream(gains, most - rank, most).sum();
                assertEquals(want, sum, 1e-4 * want, "A's rows are those of the greatest gain");
              }
            }
            if (rank < most) {
              greatestLeft = Math.max(greatestLeft, gains[most - rank - 1]);
            }
          }
          // but for the last parameters, which only a narrower layer had room for
          assertTrue(least >= 0.5 * greatestLeft, least + " is taken, " + greatestLeft + " is not");
        });
  }

  private static PeftAdapter start(
      Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options) {
    try (Random random = new Random(Device.CPU, 1)) {
      return new Tlora().start(layer, plan, statistics, options, random);
    }
  }

  @Test
  void aLayerWithoutGradientGoesWithoutAnAdapter() {
    PeftOptions options = options("allocation", "marginal");
    with(
        options,
        (model, targets, statistics) -> {
          statistics.gradient(targets.layers().get(0)).mulInPlace(0);
          assertEquals(0, new Tlora().allocate(targets, statistics, options).get(0).rank());
        });
  }

  @Test
  void rowsOfTheGradientAreWhereBIsAskedForMost() {
    PeftOptions gradient = options("init", "gradient");
    with(
        gradient,
        (model, targets, statistics) -> {
          LayerPlan plan = new LayerPlan(RANK, RANK, 1, false);
          for (Linear layer : targets.layers()) {
            Tensor g = statistics.gradient(layer);
            double most =
                LinearAlgebra.allTriplets(g).sigma().narrow(0, 0, RANK).square().sum().item();
            try (PeftAdapter started = start(layer, plan, statistics, gradient)) {
              Tensor a = started.factors().a();
              assertEquals(most, g.mm(a.t()).square().sum().item(), 1e-4 * most);
              Tensor products = a.mm(a.t());
              products.diagonal().addInPlace(-1);
              assertEquals(0, products.norm(), 1e-4, "orthonormal");
            }
          }
        });
  }

  @Test
  void gradientAndCovarianceTogetherTakeTheLeadingVectorsOfTheirProduct() {
    PeftOptions options = options("init", "gradient-covariance");
    with(
        options,
        (model, targets, statistics) -> {
          Linear layer = targets.layers().get(2);
          Tensor product = statistics.gradient(layer).mm(statistics.covariance(layer));
          double most =
              LinearAlgebra.allTriplets(product).sigma().narrow(0, 0, RANK).square().sum().item();
          LayerPlan plan = new LayerPlan(RANK, RANK, 1, false);
          try (PeftAdapter started = start(layer, plan, statistics, options)) {
            Tensor a = started.factors().a();
            assertEquals(most, product.mm(a.t()).square().sum().item(), 1e-3 * most);
          }
        });
  }

  @Test
  void ranksGoByWhatInputsWouldSeeOfTheGradient() {
    PeftOptions options = options("score", "inputs");
    with(
        options,
        (model, targets, statistics) -> {
          Tlora method = new Tlora();
          List<LayerPlan> plans = method.allocate(targets, statistics, options);
          double total = 0;
          for (Linear layer : targets.layers()) {
            double score = method.score(layer, statistics, options);
            Tensor root = root(statistics.covariance(layer));
            double want = statistics.gradient(layer).to(DType.FLOAT64).mm(root).norm();
            assertEquals(want, score, 1e-3 * want);
            total += score;
          }
          long budget = (long) RANK * targets.layers().size();
          for (int i = 0; i < plans.size(); i++) {
            LayerPlan plan = plans.get(i);
            double share =
                budget * method.score(targets.layers().get(i), statistics, options) / total;
            if (!plan.bounded()) {
              assertEquals(share, plan.rank(), budget / 4.0, "by its share, but for the rest");
            }
          }
          assertEquals(budget, plans.stream().mapToInt(LayerPlan::rank).sum());
        });
  }

  /** C^½ of a matrix that may be singular. */
  private static Tensor root(Tensor c) {
    LinearAlgebra.Triplets all = LinearAlgebra.allTriplets(c);
    return all.u().mul(all.sigma().sqrt()).mm(all.u().t());
  }

  @Test
  void alphaIsDividedByTheRootOfALayersOwnRank() {
    PeftOptions options = options("scaling", "root");
    with(
        options,
        (model, targets, statistics) -> {
          for (LayerPlan plan : new Tlora().allocate(targets, statistics, options)) {
            assertEquals(plan.alpha() / Math.sqrt(plan.rank()), plan.scaling(), 1e-12);
          }
        });
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    UsageFault fault =
        assertThrows(UsageFault.class, () -> options("allocation", "marginal", "init", "random"));
    assertTrue(fault.getMessage().contains("`init` random"), fault.getMessage());
    assertTrue(new Tlora().allocatesByTensors(options("allocation", "marginal")));
    assertTrue(new Tlora().allocatesByTensors(options("score", "inputs")));
    assertEquals(
        Set.of(),
        new Tlora()
            .needs(
                options(
                    "init",
                    "random",
                    "allocation",
                    "uniform",
                    "alpha-allocation",
                    "uniform",
                    "score",
                    "inputs")));
  }
}
