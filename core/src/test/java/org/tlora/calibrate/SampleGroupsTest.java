/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.tlora.data.Encoded;
import org.tlora.data.Labels;
import org.tlora.data.LearnedTokens;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
import org.tlora.model.CausalLm;
import org.tlora.model.DecoderConfig;
import org.tlora.model.EncoderConfig;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.model.RandomModels;
import org.tlora.model.RandomRows;
import org.tlora.model.RandomWeights;
import org.tlora.model.SequenceClassifier;
import org.tlora.objective.Objectives;
import org.tlora.run.StopSignal;

/** Samples that share a pass are looked at each by itself. */
class SampleGroupsTest {
  private static final long ALL = 1L << 30;

  private static Calibration.Plan plan(Model model, Calibration.Stopping stopping, long bytes) {
    return new Calibration.Plan(
        Objectives.of(model),
        EnumSet.complementOf(EnumSet.of(Statistic.COMPONENTS)), // no sum over samples
        3,
        stopping,
        StopSignal.NEVER,
        false,
        bytes);
  }

  private static Statistics run(Model model, List<Encoded> rows, long bytes) {
    Calibration.Plan plan = plan(model, Calibration.Stopping.NEVER, bytes);
    return Calibration.run(model, model.linears(), rows, plan, done -> {});
  }

  /**
   * Compares both ways.
   *
   * @param nothing layers whose output the loss does not depend on, so that their sensitivity is
   *     what rounding leaves of 0: nothing beside that of others, whichever way it is taken
   */
  private static void assertSame(
      Model model, List<Encoded> rows, int passes, Predicate<Linear> nothing) {
    try (Statistics alone = run(model, rows, 0);
        Statistics together = run(model, rows, ALL)) {
      assertEquals(rows.size(), alone.losses().size());
      assertEquals(passes, together.losses().size(), "passes");
      assertEquals(rows.size(), together.samples());
      double steepest =
          model.linears().stream().mapToDouble(l -> alone.gradient(l).norm()).max().orElseThrow();
      double largest = model.linears().stream().mapToDouble(alone::sensitivity).max().orElseThrow();
      for (Linear l : model.linears()) {
        assertNear(alone.covariance(l), together.covariance(l), l);
        assertNear(alone.secondMoment(l), together.secondMoment(l), l);
        if (nothing.test(l)) {
          for (Statistics s : List.of(alone, together)) {
            assertEquals(0, s.sensitivity(l), 1e-6 * largest, l.name());
            assertEquals(0, s.gradient(l).norm(), 1e-6 * steepest, l.name());
          }
          continue;
        }
        assertNear(alone.gradient(l), together.gradient(l), l);
        assertNear(alone.sensitivity(l), together.sensitivity(l), l);
        assertNear(alone.gradientSensitivity(l), together.gradientSensitivity(l), l);
      }
    }
  }

  private static void assertNear(double expected, double got, Linear l) {
    assertEquals(expected, got, 1e-4 * expected + 1e-9, l.name());
  }

  private static void assertNear(Tensor expected, Tensor got, Linear l) {
    try (Scope scope = new Scope()) {
      double off = expected.sub(got).norm();
      assertTrue(off <= 1e-4 * expected.norm() + 1e-6, l.name() + " is off by " + off);
    }
  }

  @Property(tries = 6)
  void aDecodersSamples(@ForAll @IntRange(min = 2, max = 5) int rows, @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    DecoderConfig config = RandomModels.decoder(draw, 2);
    try (CausalLm model = new CausalLm(config, RandomWeights.of(config, seed), DType.FLOAT32)) {
      List<Encoded> all = RandomRows.texts(draw, rows, config.vocabularySize());
      // in shorter rows nothing is learned where a token sees others
      Assume.that(all.stream().anyMatch(r -> r.ids().length > 3));
      assertSame(model, all, 1, l -> comparesOneKey(config, l));
    }
  }

  /** Within a window of one token nothing depends on how well queries and keys agree. */
  private static boolean comparesOneKey(DecoderConfig config, Linear l) {
    return IntStream.range(0, config.layers())
        .filter(i -> config.attention().layers().get(i).window() == 1)
        .mapToObj(i -> "model.layers." + i + ".self_attn.")
        .anyMatch(at -> l.name().equals(at + "q_proj") || l.name().equals(at + "k_proj"));
  }

  /** An encoder whose rows share vectors of distances takes them one by one. */
  @Property(tries = 6)
  void anEncodersSamples(
      @ForAll boolean relative, @ForAll @IntRange(min = 2, max = 5) int rows, @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    EncoderConfig config = RandomModels.encoder(draw, 2, relative);
    Labels labels = Labels.numbered(3);
    RandomWeights weights = RandomWeights.of(config, labels.outputs(), seed);
    try (SequenceClassifier model =
        new SequenceClassifier(config, labels, weights, DType.FLOAT32)) {
      List<Encoded> all = RandomRows.labelled(draw, rows, config.vocabularySize(), labels);
      assertSame(model, all, relative ? rows : 1, l -> false);
    }
  }

  @Test
  void aPassEndsWhereItMayBeEnoughAndWhereMemoryDoes() {
    SplittableRandom draw = new SplittableRandom(1);
    DecoderConfig config = RandomModels.decoder(draw, 1);
    try (CausalLm model = new CausalLm(config, RandomWeights.of(config, 1), DType.FLOAT32)) {
      List<Encoded> rows =
          Collections.nCopies(11, RandomRows.texts(draw, 1, config.vocabularySize()).get(0));
      Calibration.Stopping fours =
          new Calibration.Stopping() {
            @Override
            public boolean isEnough(Statistics soFar) {
              return soFar.samples() == 8;
            }

            @Override
            public int interval() {
              return 4;
            }
          };
      List<Integer> seen = new ArrayList<>();
      Calibration.run(model, model.linears(), rows, plan(model, fours, ALL), seen::add).close();
      assertEquals(List.of(4, 8), seen);
      long width =
          model.linears().stream().mapToLong(l -> l.inFeatures() + l.outFeatures()).sum() + 1;
      long three = 3L * rows.get(0).ids().length * width * Float.BYTES;
      seen.clear();
      Calibration.run(
              model,
              model.linears(),
              rows,
              plan(model, Calibration.Stopping.NEVER, three),
              seen::add)
          .close();
      assertEquals(List.of(3, 6, 9, 11), seen);
    }
  }

  @Test
  void theSampleIsNamedWhoseInputIsNotFinite() {
    SplittableRandom draw = new SplittableRandom(5);
    DecoderConfig config = RandomModels.decoder(draw, 1);
    try (Scope scope = new Scope();
        CausalLm model = new CausalLm(config, RandomWeights.of(config, 1), DType.FLOAT32)) {
      List<Encoded> rows = new ArrayList<>();
      for (int id = 0; id < 4; id++) {
        int[] ids = {id, id, id};
        rows.add(new LearnedTokens(ids, ids));
      }
      String name = model.weightNames().get(0);
      Tensor table = model.weight(name).to(DType.FLOAT32).copy();
      table.narrow(0, 2, 1).fillInPlace(Double.NaN);
      model.overwrite(name, table);
      EnumSet<Statistic> inputs = EnumSet.of(Statistic.COVARIANCE);
      Calibration.Plan all = plan(model, Calibration.Stopping.NEVER, ALL);
      Calibration.Plan plan =
          new Calibration.Plan(all.objective(), inputs, 1, all.stopping(), all.stop(), false, ALL);
      RunFault fault =
          assertThrows(
              RunFault.class,
              () -> Calibration.run(model, model.linears(), rows, plan, done -> {}));
      assertTrue(fault.getMessage().startsWith("calibration sample 3: the input of "));
    }
  }

  /** Wide enough for several blocks, the last of them narrower. */
  @Test
  void blocksOfASymmetricSumAreTheWhole() {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 3)) {
      long size = 1100;
      Tensor x = random.uniform(-1, 1, 90, size);
      OuterProducts sum = new OuterProducts(x.device(), size);
      sum.add(x);
      sum.add(x);
      try (Tensor got = sum.take(0.5)) {
        Tensor expected = x.t().mm(x);
        double off = expected.sub(got).norm() / expected.norm();
        assertTrue(off < 1e-5, "off by " + off);
        assertEquals(0, got.sub(got.t()).norm(), "symmetric");
      }
    }
  }
}
