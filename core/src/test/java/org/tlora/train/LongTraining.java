/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.nio.file.Path;
import java.util.List;
import org.tlora.engine.DType;
import org.tlora.engine.ProcessMemory;
import org.tlora.model.Adaptation;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/**
 * A process of its own that trains for 600 steps and prints its resident memory after each: no
 * other test's garbage is in the figure, and the Java heap has its final size from the start.
 */
final class LongTraining {
  private LongTraining() {}

  public static void main(String[] args) {
    try (TinyModels tiny = new TinyModels(Path.of(args[0]), DType.FLOAT32)) {
      PeftOptions peft = new PeftOptions(4, 8, 0);
      FineTuning tuning =
          Tunings.start(tiny.model(), PeftMethods.named("tlora"), peft, tiny.rows(8), 5);
      TrainingOptions options =
          new TrainingOptions(
              600, 1, 4, 4, 2e-3, Schedule.LINEAR, 0, 0.01, 1, true, 0, false, 0, 3);
      RunListener log =
          new RunListener() {
            @Override
            public void step(StepReport report) {
              System.out.println(ProcessMemory.residentBytes());
            }
          };
      TrainingParts parts =
          TrainingParts.of(tiny.model(), Adaptation.of(tuning.adapters()), tuning.parameters());
      new Trainer(parts, options, log, Listeners.none(), StopSignal.NEVER)
          .train(tiny.rows(64), List.of());
    }
  }
}
