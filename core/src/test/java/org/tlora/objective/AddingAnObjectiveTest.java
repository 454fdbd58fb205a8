/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;
import org.tlora.docs.WorkedExample;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Adaptation;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.train.HeldOutLoss;
import org.tlora.train.Schedule;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingParts;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** The worked example of docs/adding-an-objective.md is what it says, and is trained by. */
class AddingAnObjectiveTest {
  @TempDir private Path directory;

  @Test
  void theWorkedExampleGivesALossAndGradientsAndIsTrainedBy() throws Exception {
    Class<?> example =
        WorkedExample.compiled("adding-an-objective.md", 0, directory.resolve("example"));
    Objective objective = (Objective) example.getDeclaredConstructor().newInstance();
    PeftOptions options = new PeftOptions(4, 8, 0);
    try (TinyModels tiny = new TinyModels(directory.resolve("model"), DType.FLOAT32);
        FineTuning tuning =
            Tunings.start(tiny.model(), PeftMethods.named("lora"), options, List.of(), 5)) {
      List<Encoded> rows = tiny.rows(6);
      Adaptation adapters = Adaptation.of(tuning.adapters());
      double mean =
          rows.stream()
              .mapToDouble(r -> loss(tiny, adapters, new CrossEntropy(), List.of(r)))
              .average()
              .orElseThrow();
      double ours = loss(tiny, adapters, objective, rows);
      assertEquals(mean, ours, 1e-5, "the mean over rows of their mean losses");
      double byTokens = loss(tiny, adapters, new CrossEntropy(), rows);
      assertTrue(Math.abs(byTokens - ours) > 1e-3, "which is not the mean over tokens");

      assertArrayEquals(
          gradients(tiny, tuning, objective, rows, 6),
          gradients(tiny, tuning, objective, rows, 2),
          1e-5f,
          "however rows are divided");
      List<Double> losses = train(tiny, tuning, objective);
      assertTrue(losses.get(11) < 0.9 * losses.get(0), "" + losses);
    }
  }

  private static double loss(
      TinyModels tiny, Adaptation adapters, Objective objective, List<Encoded> rows) {
    return HeldOutLoss.of(tiny.model(), adapters, objective, rows, 8);
  }

  /** Those of a step over all rows, some at a time. */
  private static float[] gradients(
      TinyModels tiny, FineTuning tuning, Objective objective, List<Encoded> rows, int atOnce) {
    double divisor = rows.stream().mapToDouble(objective::weight).sum();
    Adaptation adapters = Adaptation.of(tuning.adapters());
    for (int from = 0; from < rows.size(); from += atOnce) {
      try (Scope scope = new Scope();
          Tape tape = Tape.recording()) {
        Forward forward = new Forward(tiny.model(), tape, adapters, null, null, false);
        List<Encoded> some = rows.subList(from, from + atOnce);
        Variable loss = objective.loss(forward, some, divisor);
        tape.backward(loss, null);
      }
    }
    try (Scope scope = new Scope()) {
      List<Tensor> all = new ArrayList<>();
      tuning.parameters().stream()
          .map(Parameter::gradient)
          .forEach(g -> all.add(g.reshape(g.size())));
      float[] flat = Tensor.cat(all, 0).toFloats();
      tuning.parameters().forEach(Parameter::clearGradient);
      return flat;
    }
  }

  private static List<Double> train(TinyModels tiny, FineTuning tuning, Objective objective) {
    List<Double> losses = new ArrayList<>();
    RunListener log =
        new RunListener() {
          @Override
          public void step(StepReport report) {
            losses.add(report.loss());
          }
        };
    TrainingOptions options =
        new TrainingOptions(12, 0, 8, 4, 1e-2, Schedule.LINEAR, 0, 0, 1, true, 0, false, 0, 3);
    TrainingParts parts =
        TrainingParts.of(tiny.model(), Adaptation.of(tuning.adapters()), tuning.parameters())
            .with(objective);
    new Trainer(parts, options, log, Listeners.none(), StopSignal.NEVER)
        .train(tiny.rows(64), List.of());
    return losses;
  }
}
