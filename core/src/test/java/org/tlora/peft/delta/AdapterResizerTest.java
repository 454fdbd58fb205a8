/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.peft.combine.WrittenAdapters.delta;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.peft.combine.WrittenAdapters;

class AdapterResizerTest {
  private static final String Q = "model.layers.0.self_attn.q_proj";
  private static final String V = "model.layers.0.self_attn.v_proj";

  @TempDir private Path directory;

  private WrittenAdapters adapter() {
    return WrittenAdapters.at(directory.resolve("a"), 3, 6, Q, V);
  }

  private Path output() {
    return directory.resolve("made");
  }

  private ObjectNode config() {
    return Json.readObject(output().resolve("adapter_config.json"));
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  private static double[] sigma(double[] delta) {
    try (Scope scope = new Scope()) {
      Tensor m = Tensor.ofDoubles(Device.CPU, delta, WrittenAdapters.OUT, WrittenAdapters.IN);
      return LinearAlgebra.allTriplets(m).sigma().toDoubles();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  void aLesserRankIsTheNearestAndItsErrorIsTold(int rank) {
    Path a = adapter().with("use_rslora", "true").write();
    ResizedAdapter made = AdapterResizer.resize(a, new RankChoice.Fixed(rank), output());
    assertEquals(2, made.modules().size());
    double lost = 0;
    double all = 0;
    for (ResizedModule m : made.modules()) {
      double[] before = delta(a, m.module());
      double[] sigma = sigma(before);
      double left = 0;
      double square = 0;
      for (int i = 0; i < sigma.length; i++) {
        left += i < rank ? 0 : sigma[i] * sigma[i];
        square += sigma[i] * sigma[i];
      }
      assertEquals(Math.sqrt(left), distance(before, delta(output(), m.module())), 1e-4);
      assertEquals(Math.sqrt(left / square), m.relativeError(), 1e-6);
      assertEquals(6, m.rankBefore());
      assertEquals(rank, m.rank());
      lost += left;
      all += square;
    }
    assertEquals(Math.sqrt(lost / all), made.relativeError(), 1e-6);
    assertEquals(rank, config().path("r").asInt());
    assertFalse(config().path("use_rslora").asBoolean());
    assertEquals("{}", config().path("rank_pattern").toString());
  }

  @Test
  void aGreaterRankSaysTheSameAndKeepsWhatIsThereToTheBit() {
    Path a = adapter().write();
    ResizedAdapter made = AdapterResizer.resize(a, new RankChoice.Fixed(14), output());
    assertTrue(made.modules().stream().allMatch(ResizedModule::isPadded));
    assertEquals(0, made.relativeError());
    assertArrayEquals(delta(a, Q), delta(output(), Q));
    assertEquals(14, config().path("r").asInt());
    assertEquals(28, config().path("lora_alpha").asInt(), "the scaling stays 2");
    try (Scope scope = new Scope();
        Safetensors before = Safetensors.open(a.resolve("adapter_model.safetensors"));
        Safetensors after = Safetensors.open(output().resolve("adapter_model.safetensors"))) {
      String ofA = "base_model.model." + Q + ".lora_A.weight";
      Tensor now = after.load(ofA, DType.FLOAT32);
      assertArrayEquals(before.load(ofA, DType.FLOAT32).toFloats(), now.narrow(0, 0, 6).toFloats());
      assertTrue(now.select(0, 13).norm() > 0, "so that it can train");
    }
  }

  @Test
  void energyGivesEachModuleTheLeastRankThatKeepsIt() {
    Path a = adapter().write();
    ResizedAdapter made = AdapterResizer.resize(a, new RankChoice.Energy(0.8), output());
    for (ResizedModule m : made.modules()) {
      double[] sigma = sigma(delta(a, m.module()));
      double all = 0;
      for (double s : sigma) {
        all += s * s;
      }
      double kept = 0;
      int least = 0;
      while (kept < 0.8 * all) {
        kept += sigma[least] * sigma[least];
        least++;
      }
      assertEquals(least, m.rank());
      assertTrue(m.relativeError() <= Math.sqrt(0.2));
      assertEquals(
          m.relativeError(),
          distance(delta(a, m.module()), delta(output(), m.module())) / Math.sqrt(all),
          1e-5);
    }
  }

  @Test
  void allEnergyLeavesOutWhatIsZero() {
    Path a = adapter().write();
    Path padded = directory.resolve("padded");
    AdapterResizer.resize(a, new RankChoice.Fixed(9), padded);
    ResizedAdapter made = AdapterResizer.resize(padded, new RankChoice.Energy(1), output());
    made.modules().forEach(m -> assertEquals(6, m.rank()));
    assertEquals(0, distance(delta(a, V), delta(output(), V)), 1e-4);
    WrittenAdapters zero = WrittenAdapters.at(directory.resolve("z"), 1, 3, Q);
    Path started = zero.write();
    try (Scope scope = new Scope();
        Safetensors file = Safetensors.open(started.resolve("adapter_model.safetensors"))) {
      String ofA = "base_model.model." + Q + ".lora_A.weight";
      String ofB = "base_model.model." + Q + ".lora_B.weight";
      java.util.Map<String, Safetensors.Source> tensors =
          java.util.Map.of(
              ofA, Safetensors.Source.of(file.load(ofA, DType.FLOAT32)),
              ofB, Safetensors.Source.of(Tensor.zeros(Device.CPU, DType.FLOAT32, 10, 3)));
      Safetensors.write(started.resolve("adapter_model.safetensors"), tensors, java.util.Map.of());
    }
    ResizedAdapter nothing = AdapterResizer.resize(started, new RankChoice.Energy(0.5), output());
    assertEquals(1, nothing.modules().get(0).rank(), "of a new adapter, whose B is zero");
    assertEquals(0, nothing.relativeError());
  }

  @Test
  void whatIsBesideProductsStays() {
    Path a =
        adapter()
            .tensor("lm_head.weight", 1, 7, 10)
            .tensor(Q + ".lora_B.bias", 2, 10)
            .tensor(V + ".lora_B.bias", 3, 10)
            .with("modules_to_save", "[\"lm_head\"]")
            .with("lora_bias", "true")
            .with("lora_dropout", "0.1")
            .write();
    AdapterResizer.resize(a, new RankChoice.Fixed(2), output());
    assertEquals(WrittenAdapters.names(a), WrittenAdapters.names(output()));
    assertEquals("[\"lm_head\"]", config().path("modules_to_save").toString());
    assertTrue(config().path("lora_bias").asBoolean());
    assertEquals(0.1, config().path("lora_dropout").asDouble());
    try (Scope scope = new Scope();
        Safetensors before = Safetensors.open(a.resolve("adapter_model.safetensors"));
        Safetensors after = Safetensors.open(output().resolve("adapter_model.safetensors"))) {
      for (String name : new String[] {"lm_head.weight", Q + ".lora_B.bias"}) {
        assertArrayEquals(
            before.load("base_model.model." + name, DType.FLOAT32).toFloats(),
            after.load("base_model.model." + name, DType.FLOAT32).toFloats());
      }
    }
  }

  @Test
  void whatCannotBeResizedIsRefusedAndNothingIsWritten() {
    Path dora =
        WrittenAdapters.at(directory.resolve("d"), 1, 3, Q)
            .tensor(Q + ".lora_magnitude_vector", 1, 10)
            .with("use_dora", "true")
            .write();
    RankChoice two = new RankChoice.Fixed(2);
    assertThrows(InputFault.class, () -> AdapterResizer.resize(dora, two, output()));
    assertFalse(Files.exists(output()));
    Path a = adapter().write();
    assertThrows(UsageFault.class, () -> AdapterResizer.resize(a, two, a));
    assertThrows(UsageFault.class, () -> new RankChoice.Fixed(0));
    assertThrows(UsageFault.class, () -> new RankChoice.Energy(0));
    assertThrows(UsageFault.class, () -> new RankChoice.Energy(1.01));
    assertThrows(UsageFault.class, () -> new RankChoice.Energy(Double.NaN));
  }
}
