/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.weight;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.data.Encoded;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.BaseWeights;
import org.tlora.quantise.Rounding;
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

/** Matrices in fewer bits: products both ways, training on them, and how large they are. */
class CodedWeightTest {
  @TempDir private Path directory;

  private static CodedWeight weight(Tensor dense, DType type, Rounding... forms) {
    List<CodedMatrix> parts = new ArrayList<>();
    long rows = dense.size(0) / forms.length;
    for (int i = 0; i < forms.length; i++) {
      long count = i == forms.length - 1 ? dense.size(0) - i * rows : rows;
      try (Tensor part = dense.narrow(0, i * rows, count)) {
        parts.add(forms[i].round(part));
      }
    }
    return new CodedWeight(parts, type);
  }

  @ParameterizedTest
  @CsvSource({
    "5, 96, 64, INT8", "40, 96, 64, INT8", "40, 130, 70, INT8", "3, 7, 5, INT8",
    "64, 2000, 700, INT8", "5, 96, 64, NF4", "40, 130, 70, NF4", "64, 4100, 704, NF4",
    "5, 7, 33, FP4", "40, 96, 64, Q4_0", "64, 4100, 704, Q4_0", "5, 96, 64, Q8_0"
  })
  void productsAreThoseOfTheRowsThatItStandsFor(int n, int out, int in, Rounding form) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 4);
        CodedWeight weight = weight(random.normal(0, 0.1, out, in), DType.FLOAT32, form)) {
      productsAgree(weight, random, n, n < 32 && form == Rounding.INT8 ? 0.05f : 1e-4f);
      assertEquals(
          List.of(form == Rounding.Q4_0 || form == Rounding.Q8_0 ? form.name() : form.label()),
          weight.codes());
    }
  }

  /** Queries and keys of a file often have another code than values. */
  @ParameterizedTest
  @ValueSource(ints = {3, 40})
  void partsMayHaveDifferentCodes(int n) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 4);
        CodedWeight weight =
            weight(
                random.normal(0, 0.1, 3000, 1536),
                DType.FLOAT32,
                Rounding.Q4_0,
                Rounding.NF4,
                Rounding.Q8_0)) {
      productsAgree(weight, random, n, 1e-4f);
    }
  }

  private static void productsAgree(CodedWeight weight, Random random, int n, float close) {
    long out = weight.outFeatures();
    Tensor dense = weight.rows(0, out);
    Tensor x = random.normal(0, 1, n, weight.inFeatures());
    Tensor dy = random.normal(0, 1, n, out);
    assertArrayEquals(x.mm(dense.t()).toFloats(), weight.product(x).toFloats(), close);
    assertArrayEquals(dy.mm(dense).toFloats(), weight.transposedProduct(dy).toFloats(), 2e-4f);
    assertArrayEquals(dense.narrow(0, 2, 3).toFloats(), weight.rows(2, 3).toFloats(), "some rows");
    int last = (int) out - 1;
    assertArrayEquals(
        Tensor.cat(List.of(dense.narrow(0, last, 1), dense.narrow(0, 0, 1)), 0).toFloats(),
        weight.lookUp(new int[] {last, 0}).toFloats());
    assertTrue(weight.bytes() < 4L * out * weight.inFeatures() || out < 130);
  }

  /** In bfloat16 numbers are rounded once, from what the codes stand for. */
  @ParameterizedTest
  @EnumSource(Rounding.class)
  void numbersInBfloat16AreThoseInFloat32Rounded(Rounding form) {
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 4)) {
      Tensor dense = random.normal(0, 0.1, 70, 96);
      try (CodedWeight exact = weight(dense, DType.FLOAT32, form);
          CodedWeight half = weight(dense, DType.BFLOAT16, form)) {
        assertArrayEquals(
            exact.rows(0, 70).to(DType.BFLOAT16).to(DType.FLOAT32).toFloats(),
            half.rows(0, 70).to(DType.FLOAT32).toFloats());
      }
    }
  }

  @ParameterizedTest
  @TakesLong
  @CsvSource({
    "lora, INT8, 0.1",
    "dora, NF4, 0.3",
    "tlora, NF4, 0.3",
    "pissa, Q4_0, 0.3",
    "corda, NF4, 0.3",
    "lora-ga, Q8_0, 0.1",
    "olora, FP4, 0.4",
    "adalora, NF4, 0.3",
    "rslora, Q4_0, 0.3",
    "lora+, NF4, 0.3"
  })
  void adaptersTrainOnARoundedBaseAlmostAsOnTheExactOne(
      String method, Rounding form, double tolerance) {
    double exact = lastLoss(method, BaseWeights.DENSE);
    double rounded = lastLoss(method, new BaseWeights(false, form));
    assertEquals(exact, rounded, tolerance * exact);
  }

  private double lastLoss(String method, BaseWeights form) {
    try (TinyModels tiny = new TinyModels(directory.resolve(method + form), DType.FLOAT32);
        CausalLm model = tiny.files().load(DType.FLOAT32, Device.CPU, form)) {
      assertEquals(form.equals(BaseWeights.DENSE), model.isDense());
      List<Encoded> rows = tiny.rows(64);
      try (FineTuning tuning =
          Tunings.start(
              model, PeftMethods.named(method), new PeftOptions(4, 8, 0), rows.subList(0, 8), 5)) {
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
            TrainingParts.of(model, Adaptation.of(tuning.adapters()), tuning.parameters());
        new Trainer(parts, options, log, Listeners.none(), StopSignal.NEVER).train(rows, List.of());
        // adalora cuts its adapters down meanwhile
        boolean learns = last[0] < 0.8 * last[1];
        assertTrue(learns || method.equals("adalora"), last[1] + " -> " + last[0]);
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
