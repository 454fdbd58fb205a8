/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.autograd.Parameter;
import org.tlora.collective.TogetherInThreads;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.model.Adaptation;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.train.Schedule;
import org.tlora.train.Sharding;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingParts;
import org.tlora.tune.FineTuning;

/** Several processes take the published steps of one, also where some of them learn nothing. */
class CollectiveGoldenTest {
  private record Run(List<StepReport> steps, List<float[]> weights) {}

  /** The rows, of which some have no token that is learned. */
  private static List<Encoded> rows(String kind) {
    List<Encoded> rows = new ArrayList<>(TinyLlama.rows());
    if (kind.equals("masked")) {
      String file = "golden/next/collective/masked/rows_without_labels.json";
      for (JsonNode row : TinyLlama.Golden.array(file)) {
        int[] ids = ((LearnedTokens) rows.get(row.asInt())).ids();
        int[] none = new int[ids.length];
        Arrays.fill(none, Encoded.IGNORED);
        rows.set(row.asInt(), new LearnedTokens(ids, none));
      }
    }
    return rows;
  }

  @ParameterizedTest(name = "{0}, {1} processes, {2} rows at once, zero {3}")
  @CsvSource({
    "plain, 2, 4, 0",
    "masked, 2, 4, 0",
    "plain, 4, 2, 1",
    "masked, 4, 1, 1",
    "masked, 4, 2, 2",
    "plain, 2, 2, 2"
  })
  void losses(String kind, int size, int microBatch, int zero) throws Exception {
    JsonNode expected =
        TinyLlama.Golden.read("golden/next/collective/" + kind + "/training.json").path("steps");
    List<Run> runs =
        TogetherInThreads.run(
            size,
            group -> {
              try (TinyLlama tiny = new TinyLlama();
                  FineTuning tuning =
                      new FineTuning(
                          tiny.model(),
                          PeftMethods.named("lora"),
                          new PeftOptions(8, 16, 0),
                          tiny.model().linears())) {
                tuning.startFrom(Shared.path("golden/methods/lora/initial"));
                List<StepReport> steps = new ArrayList<>();
                RunListener log =
                    new RunListener() {
                      @Override
                      public void step(StepReport report) {
                        steps.add(report);
                      }
                    };
                TrainingOptions options =
                    new TrainingOptions(
                        10,
                        0,
                        8,
                        microBatch,
                        1e-3,
                        Schedule.COSINE,
                        0.03,
                        0,
                        1,
                        false,
                        0,
                        false,
                        0,
                        0);
                TrainingParts parts =
                    TrainingParts.of(
                            tiny.model(), Adaptation.of(tuning.adapters()), tuning.parameters())
                        .with(group, Sharding.stage(zero));
                new Trainer(parts, options, log, Listeners.none(), StopSignal.NEVER)
                    .train(rows(kind), List.of());
                List<float[]> weights = new ArrayList<>();
                for (Parameter p : tuning.parameters()) {
                  weights.add(p.value().toFloats());
                }
                return new Run(steps, weights);
              }
            });
    for (Run run : runs) {
      for (int i = 0; i < 10; i++) {
        StepReport step = run.steps().get(i);
        assertEquals(expected.get(i).path("loss").asDouble(), step.loss(), 5e-6, "step " + i);
        double norm = expected.get(i).path("grad_norm").asDouble();
        assertEquals(norm, step.get(StepReport.GRADIENT_NORM), 1e-5 * norm, "norm of step " + i);
        double tokens = expected.get(i).path("tokens").asDouble();
        assertEquals(tokens, step.get(StepReport.SUPERVISED_TOKENS), "tokens of step " + i);
      }
      for (int w = 0; w < run.weights().size(); w++) {
        assertArrayEquals(runs.get(0).weights().get(w), run.weights().get(w), "to the bit");
      }
    }
  }
}
