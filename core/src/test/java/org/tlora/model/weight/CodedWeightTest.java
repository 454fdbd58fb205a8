/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.weight;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.testing.TakesLong;
import org.tlora.train.Schedule;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingParts;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** Eight bits a number: products both ways, and training on them. */
class Int8WeightTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"5, 96, 64", "40, 96, 64", "40, 130, 70", "3, 7, 5", "64, 2000, 700"})
  void productsAreThoseOfTheRowsThatItStandsFor(int n, int out, int in) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 4);
        Int8Weight weight = new Int8Weight(random.normal(0, 0.1, out, in), DType.FLOAT32)) {
      Tensor dense = weight.rows(0, out);
      Tensor x = random.normal(0, 1, n, in);
      Tensor dy = random.normal(0, 1, n, out);
      // few inputs are multiplied in bfloat16
      float close = n < 32 ? 0.05f : 1e-4f;
      assertArrayEquals(x.mm(dense.t()).toFloats(), weight.product(x).toFloats(), close);
      assertArrayEquals(dy.mm(dense).toFloats(), weight.transposedProduct(dy).toFloats(), 1e-4f);
      assertArrayEquals(
          dense.narrow(0, 2, 3).toFloats(), weight.rows(2, 3).toFloats(), "some rows");
      assertTrue(weight.bytes() < 4L * out * in || out * in < 10_000);
    }
  }

  @ParameterizedTest
  @TakesLong
  @CsvSource({"lora", "dora", "tlora", "pissa"})
  void adaptersTrainOnARoundedBaseAlmostAsOnTheExactOne(String method) {
    double exact = lastLoss(method, false);
    double rounded = lastLoss(method, true);
    assertEquals(exact, rounded, 0.1 * exact);
  }

  private double lastLoss(String method, boolean int8) {
    try (TinyModels tiny = new TinyModels(directory.resolve(method + int8), DType.FLOAT32)) {
      if (int8) {
        tiny.model().convert(WeightForms.named("int8"), AdapterSet.empty());
        assertTrue(!tiny.model().isDense());
      }
      List<Encoded> rows = tiny.rows(64);
      try (FineTuning tuning =
          Tunings.start(
              tiny.model(),
              PeftMethods.named(method),
              new PeftOptions(4, 8, 0),
              rows.subList(0, 8),
              5)) {
        double[] last = {0, 0};
        RunListener log =
            new RunListener() {
              @Override
              public void step(StepReport report) {
                last[0] = report.loss();
                last[1] = last[1] == 0 ? report.loss() : last[1];
              }
            };
        TrainingOptions options =
            new TrainingOptions(25, 0, 8, 8, 5e-3, Schedule.LINEAR, 0, 0, 1, true, 0, false, 0, 3);
        TrainingParts parts =
            TrainingParts.of(tiny.model(), Adaptation.of(tuning.adapters()), tuning.parameters());
        new Trainer(parts, options, log, Listeners.none(), StopSignal.NEVER).train(rows, List.of());
        assertTrue(last[0] < 0.8 * last[1], last[1] + " -> " + last[0]);
        return last[0];
      }
    }
  }

  @Test
  void aRoundedModelTakesAQuarterOfTheMemoryAndHasAsManyParameters() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      long bytes = tiny.model().weightBytes();
      long parameters = tiny.model().parameterCount();
      tiny.model().convert(WeightForms.named("int8"), AdapterSet.empty());
      assertEquals(parameters, tiny.model().parameterCount());
      assertTrue(tiny.model().weightBytes() < 0.45 * bytes, "tables stay as they are");
    }
  }
}
