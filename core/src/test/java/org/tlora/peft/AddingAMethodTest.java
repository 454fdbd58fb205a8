/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.docs.WorkedExample;
import org.tlora.engine.DType;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.train.Schedule;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingParts;
import org.tlora.train.TrainingRule;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** The worked example of docs/adding-a-method.md compiles as it stands there and trains. */
class AddingAMethodTest {
  @TempDir private Path directory;

  @Test
  void theWorkedExampleCompilesTrainsAndSaves() throws Exception {
    Class<?> example =
        WorkedExample.compiled("adding-a-method.md", 0, directory.resolve("example"));
    PeftMethod method = (PeftMethod) example.getDeclaredConstructor().newInstance();
    try (TinyModels tiny = new TinyModels(directory.resolve("model"), DType.FLOAT32)) {
      PeftOptions options = new PeftOptions(4, true, 8, 0, Map.of("lora-fa-deviation", "0.05"));
      FineTuning tuning = Tunings.start(tiny.model(), method, options, List.of(), 1);
      float[] a = frozenA(tiny, tuning.adapters());
      List<Double> losses = train(tiny, tuning);
      assertTrue(losses.get(29) < 0.8 * losses.get(0), "" + losses);
      Path saved = Files.createDirectory(directory.resolve("saved"));
      tuning.write(saved, tiny.files());
      AdapterSet back = Tunings.attach(saved, tiny.model());
      assertEquals(0, java.util.Arrays.compare(a, frozenA(tiny, back)), "A never trains");
    }
  }

  private static float[] frozenA(TinyModels tiny, AdapterSet adapters) {
    return ((LowRankAdapter) adapters.on(tiny.model().linears().get(0))).a().toFloats();
  }

  private static List<Double> train(TinyModels tiny, FineTuning tuning) {
    List<Double> losses = new ArrayList<>();
    RunListener log =
        new RunListener() {
          @Override
          public void step(StepReport report) {
            losses.add(report.loss());
          }
        };
    TrainingOptions options =
        new TrainingOptions(30, 0, 8, 8, 1e-2, Schedule.LINEAR, 0, 0, 1, true, 0, false, 0, 3);
    TrainingParts parts =
        TrainingParts.of(tiny.model(), Adaptation.of(tuning.adapters()), tuning.parameters())
            .with((LongFunction<TrainingRule>) tuning::rule);
    new Trainer(parts, options, log, Listeners.none(), StopSignal.NEVER)
        .train(tiny.rows(64), List.of());
    return losses;
  }
}
