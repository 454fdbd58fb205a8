package org.tlora.train;

import java.nio.file.Path;
import java.util.List;
import org.tlora.engine.DType;
import org.tlora.engine.ProcessMemory;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
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
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void onStep(StepMetrics metrics, long totalSteps) {
              System.out.println(ProcessMemory.residentBytes());
            }

            @Override
            public void onEvaluation(long step, double loss) {}
          };
      new Trainer(tiny.model(), tuning.parameters(), options, listener, () -> false)
          .train(tiny.rows(64), List.of());
    }
  }
}
