/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tlora.collective.Alone;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.model.CausalLm;
import org.tlora.model.DecoderConfig;
import org.tlora.model.Linear;
import org.tlora.model.RandomModels;
import org.tlora.model.RandomRows;
import org.tlora.model.RandomWeights;
import org.tlora.objective.Objectives;
import org.tlora.run.StopSignal;

/** Passes that go on where others have ended see what whole passes see. */
class StreamsTest {
  private static Statistics run(
      CausalLm model,
      List<Linear> layers,
      List<Encoded> rows,
      Set<Statistic> wanted,
      boolean recompute,
      Streams streams) {
    Calibration.Plan plan =
        new Calibration.Plan(
            Objectives.of(model),
            wanted,
            1,
            Calibration.Stopping.NEVER,
            StopSignal.NEVER,
            recompute,
            1 << 20,
            new Alone(),
            streams,
            ComponentRule.NONE);
    return Calibration.run(model, layers, rows, plan, done -> {});
  }

  @Property(tries = 12)
  void groupsThatGoOnFromEachOtherHaveTheStatisticsOfAll(
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll @IntRange(min = 2, max = 5) int groups,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    DecoderConfig config = RandomModels.decoder(draw, 3);
    Set<Statistic> wanted = EnumSet.of(Statistic.COVARIANCE, Statistic.SECOND_MOMENT);
    try (CausalLm model = new CausalLm(config, RandomWeights.of(config, seed), DType.FLOAT32);
        Streams streams = new Streams(Set.of())) {
      List<Encoded> all = RandomRows.texts(draw, rows, config.vocabularySize());
      List<Linear> layers = model.linears();
      try (Statistics whole = run(model, layers, all, wanted, false, new Streams(Set.of()))) {
        int from = 0;
        for (int g = 1; g <= groups; g++) {
          int end = g == groups ? layers.size() : Math.max(from + 1, layers.size() * g / groups);
          List<Linear> own = layers.subList(from, Math.min(end, layers.size()));
          streams.expect(g == groups ? Set.of() : Set.copyOf(layers.subList(end, layers.size())));
          try (Statistics some = run(model, own, all, wanted, false, streams)) {
            for (Linear l : own) {
              assertArrayEquals(
                  whole.covariance(l).toFloats(), some.covariance(l).toFloats(), l.name());
              assertArrayEquals(
                  whole.secondMoment(l).toFloats(), some.secondMoment(l).toFloats(), l.name());
            }
          }
          from = end;
        }
      }
      assertNull(streams.of(1), "nothing is kept when nobody comes any more");
    }
  }

  @Property(tries = 6)
  void layersThatAreRunAgainShowTheSame(@ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    DecoderConfig config = RandomModels.decoder(draw, 2);
    Set<Statistic> wanted = EnumSet.of(Statistic.COVARIANCE, Statistic.SENSITIVITY);
    try (CausalLm model = new CausalLm(config, RandomWeights.of(config, seed), DType.FLOAT32)) {
      List<Encoded> all = RandomRows.texts(draw, 3, config.vocabularySize());
      try (Statistics kept =
              run(model, model.linears(), all, wanted, false, new Streams(Set.of()));
          Statistics again =
              run(model, model.linears(), all, wanted, true, new Streams(Set.of()))) {
        for (Linear l : model.linears()) {
          float[] want = kept.covariance(l).toFloats();
          assertArrayEquals(want, again.covariance(l).toFloats(), 1e-5f, l.name());
          double score = kept.sensitivity(l);
          assertEquals(score, again.sensitivity(l), 1e-4 * score + 1e-9, l.name());
        }
      }
    }
  }
}
