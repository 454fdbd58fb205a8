/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistics;
import org.tlora.calibrate.Streams;
import org.tlora.collective.Alone;
import org.tlora.collective.Collective;
import org.tlora.collective.TogetherInThreads;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.model.Linear;
import org.tlora.objective.Objectives;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.StopSignal;

/** Processes that share samples and layers all start from the adapters that one would. */
class SpreadStartsTest {
  private static final int SAMPLES = 5; // more than one process of three has two

  @TempDir private Path directory;

  static Stream<String> methods() {
    return PeftMethods.names().stream().filter(n -> !PeftMethods.named(n).trainsBase());
  }

  /** A layer's product s·B·A, its scaling, and how many rows of A it has. */
  private record Start(float[] product, double scaling, long rows) {}

  private Map<String, Start> start(String method, String folder, Collective group) {
    try (TinyModels tiny = new TinyModels(directory.resolve(folder), DType.FLOAT32)) {
      PeftMethod made = PeftMethods.named(method);
      PeftOptions options = new PeftOptions(4, 8, 0);
      List<Linear> targets = tiny.model().linears();
      Calibration.Plan plan =
          new Calibration.Plan(
              Objectives.of(tiny.model()),
              made.needs(options),
              2,
              Calibration.Stopping.NEVER,
              StopSignal.NEVER,
              false,
              1 << 20,
              group,
              new Streams(Set.of()),
              made.components(options));
      List<Integer> told = new ArrayList<>();
      try (Statistics statistics =
              Calibration.run(tiny.model(), targets, tiny.rows(SAMPLES), plan, told::add);
          FineTuning tuning =
              new FineTuning(tiny.model(), made, options, targets, Beside.NOTHING, group)) {
        tuning.initialise(statistics, 7);
        tuning.requireEqual();
        if (!made.needs(options).isEmpty()) {
          assertEquals(SAMPLES, statistics.samples());
          assertEquals(SAMPLES, told.get(told.size() - 1), "progress is that of all");
        }
        Map<String, Start> starts = new LinkedHashMap<>();
        for (Linear l : targets) {
          try (Scope scope = new Scope();
              StoredLayer s = tuning.adapter(l).stored()) {
            float[] product = s.b().mm(s.rows()).toFloats();
            float[] right = s.rows().t().mm(s.rows()).toFloats(); // of what B = 0 hides
            float[] both = new float[product.length + right.length];
            System.arraycopy(product, 0, both, 0, product.length);
            System.arraycopy(right, 0, both, product.length, right.length);
            starts.put(l.name(), new Start(both, s.scaling(), s.a().size(0)));
          }
        }
        return starts;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void eachMethodStartsAlike(String method) throws Exception {
    Map<String, Start> alone = start(method, "alone", new Alone());
    List<Map<String, Start>> all =
        TogetherInThreads.run(3, group -> start(method, "of" + group.rank(), group));
    for (Map<String, Start> each : all) {
      assertEquals(alone.keySet(), each.keySet());
      alone.forEach(
          (name, one) -> {
            assertEquals(one.rows(), each.get(name).rows(), name);
            assertEquals(one.scaling(), each.get(name).scaling(), 1e-4 * one.scaling(), name);
            float[] first = all.get(0).get(name).product();
            assertArrayEquals(first, each.get(name).product(), "to the bit " + name);
            float most = 0;
            for (float v : one.product()) {
              most = Math.max(most, Math.abs(v));
            }
            assertArrayEquals(one.product(), each.get(name).product(), 2e-3f * most, name);
          });
    }
  }
}
