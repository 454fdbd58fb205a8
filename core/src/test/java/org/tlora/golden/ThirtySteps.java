/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.tlora.autograd.Parameter;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.train.Schedule;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingParts;
import org.tlora.train.TrainingRule;

/** The training that all golden runs share, see the README beside the golden files. */
final class ThirtySteps {
  private ThirtySteps() {}

  static JsonNode expected(Path golden) {
    return TinyLlama.Golden.read(golden.resolve("training.json").toString());
  }

  static List<StepReport> run(
      CausalLm model,
      AdapterSet adapters,
      List<Parameter> parameters,
      LongFunction<TrainingRule> rule,
      int microBatch,
      boolean recompute) {
    TrainingOptions options =
        new TrainingOptions(
            30, 0, 4, microBatch, 1e-3, Schedule.COSINE, 0.03, 0, 1, false, 0, recompute, 0, 0);
    List<StepReport> steps = new ArrayList<>();
    RunListener log =
        new RunListener() {
          @Override
          public void step(StepReport report) {
            steps.add(report);
          }
        };
    TrainingParts parts = TrainingParts.of(model, Adaptation.of(adapters), parameters).with(rule);
    new Trainer(parts, options, log, Listeners.none(), StopSignal.NEVER)
        .train(TinyLlama.rows(), List.of());
    return steps;
  }

  /**
   * Losses to 1e-4, learning rates exactly.
   *
   * @param normTolerance of the gradient norms, relative
   */
  static void compare(List<StepReport> steps, JsonNode expected, double normTolerance) {
    assertEquals(30, steps.size());
    for (int i = 0; i < 30; i++) {
      JsonNode e = expected.path("steps").get(i);
      StepReport actual = steps.get(i);
      assertEquals(e.path("loss").asDouble(), actual.loss(), 1e-4, "loss of step " + i);
      double norm = e.path("grad_norm").asDouble();
      Expect.relative(
          norm,
          actual.get(StepReport.GRADIENT_NORM),
          normTolerance,
          1e-7,
          "gradient norm of step " + i);
      assertEquals(e.path("lr").asDouble(), actual.get(StepReport.LEARNING_RATE), 1e-9);
    }
  }
}
