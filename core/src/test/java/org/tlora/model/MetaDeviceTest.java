/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.calibrate.Statistics;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.objective.CrossEntropy;
import org.tlora.objective.Forward;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
import org.tlora.train.AdamW;

/**
 * On libtorch's meta device there are shapes and no values: whatever reads or writes the memory of
 * a value fails. So a step that runs there runs on any device.
 */
class MetaDeviceTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"lora, 0", "dora, 0", "adalora, 0", "lora, 0.1"})
  void aStepRunsWithoutLookingAtAValue(String method, double dropout) {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        CausalLm model = tiny.files().load(DType.FLOAT32, Device.META);
        AdapterSet adapters = adapters(model, method, dropout);
        AdamW optimizer = new AdamW(adapters.parameters(), 0.01)) {
      assertEquals(Device.META, model.device());
      List<Encoded> rows = tiny.rows(3);
      try (Scope scope = new Scope();
          Tape tape = Tape.recording()) {
        Forward forward =
            new Forward(
                model,
                tape,
                Adaptation.of(adapters),
                null,
                Dropouts.seeds(5, rows.size()),
                method.equals("dora"));
        Variable loss = new CrossEntropy().loss(forward, rows, 10);
        assertArrayEquals(new long[] {1}, loss.value().shape());
        tape.backward(loss, null);
      }
      for (Parameter p : adapters.parameters()) {
        assertEquals(Device.META, p.gradient().device(), p.name());
        assertArrayEquals(p.value().shape(), p.gradient().shape(), p.name());
      }
      optimizer.step(1e-3);
    }
  }

  private static AdapterSet adapters(CausalLm model, String method, double dropout) {
    PeftOptions options = new PeftOptions(4, 8, dropout);
    LayerPlan plan = new LayerPlan(4, 8, 2, false);
    Map<Linear, PeftAdapter> all = new LinkedHashMap<>();
    try (Random random = new Random(Device.META, 1)) {
      for (Linear l : model.linears()) {
        all.put(l, PeftMethods.named(method).start(l, plan, Statistics.none(), options, random));
      }
    }
    return new AdapterSet(all);
  }

  @Test
  void allWeightsTrainWithoutLookingAtAValue() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        CausalLm model = tiny.files().load(DType.FLOAT32, Device.META)) {
      List<Parameter> parameters = model.unfreeze();
      try (AdamW optimizer = new AdamW(parameters, 0)) {
        try (Scope scope = new Scope();
            Tape tape = Tape.recording()) {
          Forward forward = new Forward(model, tape, Adaptation.NONE, null, null, true);
          tape.backward(new CrossEntropy().loss(forward, tiny.rows(2), 10), null);
        }
        optimizer.step(1e-3);
      }
    }
  }

  @Test
  void whoeverLooksFails() {
    try (Scope scope = new Scope()) {
      Tensor t = Tensor.zeros(Device.META, DType.FLOAT32, 2);
      assertThrows(RuntimeException.class, t::toFloats);
      assertThrows(RuntimeException.class, () -> t.sum().item());
    }
  }
}
