package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.tlora.autograd.Parameter;
import org.tlora.model.CausalLm;
import org.tlora.train.Schedule;
import org.tlora.train.StepMetrics;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingListener;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingRule;

/** The training that all golden runs share, see the README beside the golden files. */
final class ThirtySteps {
  private ThirtySteps() {}

  static JsonNode expected(Path golden) {
    return TinyLlama.Golden.read(golden.resolve("training.json").toString());
  }

  static List<StepMetrics> run(
      CausalLm model,
      List<Parameter> parameters,
      LongFunction<TrainingRule> rule,
      int microBatch,
      boolean recompute) {
    TrainingOptions options =
        new TrainingOptions(
            30, 0, 4, microBatch, 1e-3, Schedule.COSINE, 0.03, 0, 1, false, 0, recompute, 0, 0);
    List<StepMetrics> steps = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(StepMetrics metrics, long total) {
            steps.add(metrics);
          }

          @Override
          public void onEvaluation(long step, double loss) {}
        };
    new Trainer(model, parameters, rule, options, listener, () -> false)
        .train(TinyLlama.rows(), List.of());
    return steps;
  }

  /**
   * Losses to 1e-4, learning rates exactly.
   *
   * @param normTolerance of the gradient norms, relative
   */
  static void compare(List<StepMetrics> steps, JsonNode expected, double normTolerance) {
    assertEquals(30, steps.size());
    for (int i = 0; i < 30; i++) {
      JsonNode e = expected.path("steps").get(i);
      StepMetrics actual = steps.get(i);
      assertEquals(e.path("loss").asDouble(), actual.loss(), 1e-4, "loss of step " + i);
      double norm = e.path("grad_norm").asDouble();
      Expect.relative(
          norm, actual.gradientNorm(), normTolerance, 1e-7, "gradient norm of step " + i);
      assertEquals(e.path("lr").asDouble(), actual.learningRate(), 1e-9);
    }
  }
}
