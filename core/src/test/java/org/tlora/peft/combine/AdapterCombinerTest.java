/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.peft.combine.WrittenAdapters.delta;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.Fault;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;

/** What adapters from elsewhere hold is used, named or refused when they are combined. */
class AdapterCombinerTest {
  private static final String Q = "model.layers.0.self_attn.q_proj";
  private static final String V = "model.layers.0.self_attn.v_proj";

  @TempDir private Path directory;

  private WrittenAdapters adapter(String name, int rank, String... modules) {
    return WrittenAdapters.at(directory.resolve(name), name.hashCode(), rank, modules);
  }

  private Path output() {
    return directory.resolve("made");
  }

  private CombinedAdapter combine(String way, WeightedAdapter... adapters) {
    return combine(way, CombinationSettings.none(), adapters);
  }

  private CombinedAdapter combine(
      String way, CombinationSettings settings, WeightedAdapter... adapters) {
    return AdapterCombiner.combine(
        List.of(adapters), Combinations.named(way), settings, null, output());
  }

  private CombinedAdapter cat(Path a, Path b) {
    return combine("cat", new WeightedAdapter(a, 0.5), new WeightedAdapter(b, -2));
  }

  private String refusal(Path a, Path b) {
    Fault fault = assertThrows(InputFault.class, () -> cat(a, b));
    assertFalse(Files.exists(output()), "nothing is written");
    return fault.getMessage();
  }

  private ObjectNode config() {
    return Json.readObject(output().resolve("adapter_config.json"));
  }

  private static double[] weighted(double w, double[] a, double v, double[] b) {
    double[] sum = new double[a.length];
    Arrays.setAll(sum, i -> w * a[i] + v * b[i]);
    return sum;
  }

  @Test
  void ranksAlphasAndRsloraAreInTheScalings() {
    Path a =
        adapter("a", 4, Q)
            .product(V, 5, 2)
            .with("target_modules", "[\"q_proj\",\"v_proj\"]")
            .with("rank_pattern", "{\"v_proj\":2}")
            .with("alpha_pattern", "{\"layers\\\\.0\\\\..*v_proj\":7}")
            .with("use_rslora", "true")
            .write();
    Path b = adapter("b", 3, Q, V).write();
    CombinedAdapter made = cat(a, b);
    assertEquals(List.of(), made.notes());
    assertEquals(7, made.rank());
    // 8/√4 = 4 and 7/√2
    double[] ofQ = delta(a, Q);
    assertArrayEquals(weighted(0.5, ofQ, -2, delta(b, Q)), delta(output(), Q), 1e-5);
    double[] plain = delta(a, V); // of alpha 8 and rank 4
    double[] ofV = weighted(7 / Math.sqrt(2) / 4, plain, 0, plain);
    assertArrayEquals(weighted(0.5, ofV, -2, delta(b, V)), delta(output(), V), 1e-5);
    assertEquals(7, config().path("r").asInt());
    assertEquals("{\"" + V + "\":5}", config().path("rank_pattern").toString());
    assertEquals("{\"" + V + "\":5}", config().path("alpha_pattern").toString());
    assertFalse(config().path("use_rslora").asBoolean());
  }

  @Test
  void modulesThatSomeHaveAreMadeOfThose() {
    Path a = adapter("a", 2, Q).write();
    Path b = adapter("b", 2, Q, V).write();
    CombinedAdapter made = cat(a, b);
    assertEquals(1, made.notes().size());
    assertTrue(made.notes().get(0).startsWith("1 of 2 modules are not in all"), made.toString());
    assertArrayEquals(weighted(-2, delta(b, V), 0, delta(b, V)), delta(output(), V), 1e-5);
    combine("linear", new WeightedAdapter(a, 1), new WeightedAdapter(b, 3));
    assertArrayEquals(weighted(3, delta(b, V), 0, delta(b, V)), delta(output(), V), 1e-5);
    assertEquals("[\"" + Q + "\",\"" + V + "\"]", config().path("target_modules").toString());
  }

  /** With the names of both, PEFT would look for products that nobody has. */
  @Test
  void targetsAreNamedSoThatTheyMeanTheModulesThatThereAre() {
    Path a = adapter("a", 2, Q).with("target_modules", "[\"q_proj\"]").write();
    Path b = adapter("b", 2, V).with("target_modules", "[\"v_proj\"]").write();
    cat(a, b);
    assertEquals("[\"q_proj\",\"v_proj\"]", config().path("target_modules").toString());
    adapter("b", 2, V)
        .with("target_modules", "[\"v_proj\"]")
        .with("layers_to_transform", "[0]")
        .write();
    cat(a, b);
    assertEquals("[\"" + Q + "\",\"" + V + "\"]", config().path("target_modules").toString());
    adapter("b", 2, V).with("target_modules", "\".*v_proj\"").write();
    cat(a, b);
    assertEquals("[\"" + Q + "\",\"" + V + "\"]", config().path("target_modules").toString());
  }

  @Test
  void factorsByThemselvesNeedOneRankAModule() {
    Path a = adapter("a", 2, Q).write();
    Path b = adapter("b", 3, Q).write();
    UsageFault fault =
        assertThrows(
            UsageFault.class,
            () -> {
              combine("linear", new WeightedAdapter(a, 1), new WeightedAdapter(b, 1));
            });
    assertTrue(fault.getMessage().contains(Q + " has 2 and 3"), fault.getMessage());
    Path c = adapter("c", 5, V).write(); // another rank, but of another module
    combine("linear", new WeightedAdapter(a, 1), new WeightedAdapter(c, 1));
    assertArrayEquals(delta(a, Q), delta(output(), Q), 1e-5);
    assertArrayEquals(delta(c, V), delta(output(), V), 1e-5);
  }

  @Test
  void theRankThatIsAskedForIsFilledUp() {
    Path a = adapter("a", 2, Q).write();
    Path b = adapter("b", 2, Q).write();
    combine(
        "svd",
        new CombinationSettings(null, null, 15, null),
        new WeightedAdapter(a, 0.5),
        new WeightedAdapter(b, -2));
    assertEquals(15, config().path("r").asInt());
    assertArrayEquals(weighted(0.5, delta(a, Q), -2, delta(b, Q)), delta(output(), Q), 1e-5);
    try (Scope scope = new Scope();
        Safetensors file = Safetensors.open(output().resolve("adapter_model.safetensors"))) {
      Tensor a15 = file.load("base_model.model." + Q + ".lora_A.weight", DType.FLOAT32);
      assertTrue(a15.select(0, 14).norm() > 0, "what is zero on both sides would never train");
    }
  }

  @Test
  void oneAdapterAloneIsScaledAndTakesNoSettings() {
    Path a = adapter("a", 2, Q).write();
    CombinedAdapter made = combine("svd", new WeightedAdapter(a, -0.7));
    assertEquals("linear", made.combination());
    assertTrue(made.notes().get(0).contains("linear, not svd"), made.toString());
    assertArrayEquals(weighted(-0.7, delta(a, Q), 0, delta(a, Q)), delta(output(), Q), 1e-5);
    CombinationSettings rank = new CombinationSettings(null, null, 1, null);
    UsageFault fault =
        assertThrows(UsageFault.class, () -> combine("svd", rank, new WeightedAdapter(a, 1)));
    assertTrue(fault.getMessage().contains("one adapter alone"), fault.getMessage());
  }

  @Test
  void whatIsBroughtWholeIsKeptAndNamed() {
    Path a =
        adapter("a", 2, Q)
            .tensor("lm_head.weight", 1, 7, 10)
            .with("modules_to_save", "[\"lm_head\"]")
            .write();
    Path b =
        adapter("b", 2, Q)
            .tensor("model.embed_tokens.token_adapter.trainable_tokens_delta", 2, 2, 10)
            .with("trainable_token_indices", "{\"embed_tokens\":[5,6]}")
            .write();
    CombinedAdapter made = cat(a, b);
    assertEquals(2, made.notes().size());
    assertTrue(made.notes().get(0).contains("lm_head.weight"), made.toString());
    assertTrue(made.notes().get(1).contains("embed_tokens"), made.toString());
    assertEquals(
        List.of(
            "lm_head.weight",
            "model.embed_tokens.token_adapter.trainable_tokens_delta",
            Q + ".lora_A.weight",
            Q + ".lora_B.weight"),
        WrittenAdapters.names(output()));
    assertEquals("[\"lm_head\"]", config().path("modules_to_save").toString());
    assertEquals("{\"embed_tokens\":[5,6]}", config().path("trainable_token_indices").toString());
  }

  @Test
  void whatTwoBringWholeMustBeTheSame() {
    Path a = adapter("a", 2, Q).tensor("model.norm.weight", 1, 10).write();
    Path b = adapter("b", 2, Q).tensor("model.norm.weight", 1, 10).in(DType.BFLOAT16).write();
    cat(a, b);
    assertTrue(WrittenAdapters.names(output()).contains("model.norm.weight"));
    Path c = adapter("c", 2, Q).tensor("model.norm.weight", 2, 10).write();
    String refused = assertThrows(InputFault.class, () -> cat(a, c)).getMessage();
    assertTrue(refused.contains("different weights of model.norm.weight"), refused);
  }

  @Test
  void aModuleIsWholeOrHasAProduct() {
    Path a = adapter("a", 2, Q, "lm_head").write();
    Path b =
        adapter("b", 2, Q)
            .tensor("lm_head.weight", 1, 10, 12)
            .with("modules_to_save", "[\"lm_head\"]")
            .write();
    String refused = refusal(a, b);
    assertTrue(refused.contains("lm_head") && refused.contains("cannot be one"), refused);
  }

  @Test
  void basesThatDifferAreRefusedUnlessTheyAreSaidToBeOne() {
    Path a = adapter("a", 2, Q).write();
    Path b = adapter("b", 2, Q).with("base_model_name_or_path", "\"other/base\"").write();
    String refused = refusal(a, b);
    assertTrue(refused.contains("other/base") && refused.contains("`base`"), refused);
    AdapterCombiner.combine(
        List.of(new WeightedAdapter(a, 1), new WeightedAdapter(b, 1)),
        Combinations.named("cat"),
        CombinationSettings.none(),
        "their/base",
        output());
    assertEquals("their/base", config().path("base_model_name_or_path").asText());
    Path c = adapter("c", 2, Q).with("base_model_name_or_path", "null").write();
    cat(a, c);
    assertEquals("base", config().path("base_model_name_or_path").asText(), "c says nothing");
  }

  @Test
  void sizesThatDifferAreOfDifferentBases() {
    Path a = adapter("a", 2, Q).write();
    Path b =
        adapter("b", 2, Q)
            .tensor(Q + ".lora_A.weight", 1, 2, 13) // one input more
            .write();
    String refused = refusal(a, b);
    assertTrue(refused.contains("projection of 12 to 10") && refused.contains("13"), refused);
  }

  @ParameterizedTest
  @CsvSource({
    "use_dora, true, use_dora",
    "init_lora_weights, '\"pissa\"', init_lora_weights",
    "peft_type, '\"IA3\"', peft_type",
    "ensure_weight_tying, true, ensure_weight_tying",
    "r, 3, rank 3",
    "target_modules, '[\"k_proj\"]', target_modules",
    "trainable_token_indices, '[3]', trainable_tokens_delta",
    "use_qalora, true, use_qalora",
    "lora_bias, true, lora_B.bias"
  })
  void whatCannotBeCombinedIsRefusedByItsKey(String key, String json, String named) {
    Path a = adapter("a", 2, Q).write();
    WrittenAdapters other = adapter("b", 2, Q).with(key, json);
    if (key.equals("use_dora")) {
      other.tensor(Q + ".lora_magnitude_vector", 1, 10);
    }
    String refused = refusal(a, other.write());
    assertTrue(refused.contains(named), refused);
    assertFalse(refused.contains("\n"));
  }

  @Test
  void tensorsThatNothingIsComputedWithAreRefused() {
    Path a = adapter("a", 2, Q).write();
    assertTrue(
        refusal(a, adapter("b", 2, Q).tensor(Q + ".lora_E", 1, 2, 1).write()).contains("lora_E"));
    Path alone = adapter("c", 2).with("r", "2").tensor("model.norm.weight", 1, 10).write();
    assertTrue(refusal(a, alone).contains("no low-rank products"));
    assertThrows(InputFault.class, () -> cat(a, directory.resolve("none")));
  }

  @Test
  void biasesOfBAreCombinedAsDeltasAre() {
    Path a = adapter("a", 2, Q).tensor(Q + ".lora_B.bias", 3, 10).with("lora_bias", "true").write();
    Path b = adapter("b", 2, Q, V).write();
    cat(a, b);
    assertTrue(config().path("lora_bias").asBoolean());
    assertTrue(
        WrittenAdapters.names(output()).contains(V + ".lora_B.bias"), "as it is said of all");
    try (Scope scope = new Scope();
        Safetensors before = Safetensors.open(a.resolve("adapter_model.safetensors"));
        Safetensors after = Safetensors.open(output().resolve("adapter_model.safetensors"))) {
      String bias = "base_model.model." + Q + ".lora_B.bias";
      Tensor own = before.load(bias, DType.FLOAT32); // scaled by 2, weighted by 0.5
      assertArrayEquals(own.toFloats(), after.load(bias, DType.FLOAT32).toFloats(), 1e-6f);
    }
    Path table =
        WrittenAdapters.at(directory.resolve("t"), 1, 2)
            .tensor("model.embed_tokens.lora_embedding_A", 1, 2, 20)
            .tensor("model.embed_tokens.lora_embedding_B", 2, 10, 2)
            .with("target_modules", "[\"embed_tokens\"]")
            .write();
    String refused = assertThrows(InputFault.class, () -> cat(a, table)).getMessage();
    assertTrue(refused.contains("lora_bias") && refused.contains("embed_tokens"), refused);
  }

  @Test
  void halfPrecisionIsReadAndFloat32Written() {
    Path a = adapter("a", 2, Q).in(DType.BFLOAT16).write();
    Path b = adapter("b", 2, Q).in(DType.FLOAT16).write();
    cat(a, b);
    assertArrayEquals(weighted(0.5, delta(a, Q), -2, delta(b, Q)), delta(output(), Q), 1e-5);
    try (Safetensors file = Safetensors.open(output().resolve("adapter_model.safetensors"))) {
      file.names().forEach(n -> assertEquals(DType.FLOAT32, file.type(n)));
    }
  }

  @Test
  void productsOfMethodsAndFormsOfTheBaseAreNamed() {
    Path a =
        adapter("a", 2, Q)
            .saying("fixed_half", "true")
            .saying("tlora_base_rounded_to", "nf4")
            .write();
    Path b = adapter("b", 2, Q).with("task_type", "\"SEQ_CLS\"").write();
    String notes = String.join("\n", cat(a, b).notes());
    for (String part : List.of("took out of the base", "rounded to nf4", "SEQ_CLS")) {
      assertTrue(notes.contains(part), notes);
    }
    try (Safetensors file = Safetensors.open(output().resolve("adapter_model.safetensors"))) {
      assertEquals("{format=pt}", file.metadata().toString());
    }
    adapter("b", 2, Q).saying("tlora_base_rounded_to", "nf4").write();
    cat(a, b);
    try (Safetensors file = Safetensors.open(output().resolve("adapter_model.safetensors"))) {
      assertEquals("nf4", file.metadata().get("tlora_base_rounded_to"));
    }
  }

  @Test
  void tokenizersGoWithTheAdapterThatBringsTokens() throws IOException {
    Path a = adapter("a", 2, Q).write();
    Path b = adapter("b", 2, Q).tensor("model.embed_tokens.weight", 1, 20, 10).write();
    Files.writeString(a.resolve("tokenizer.json"), "{\"a\":1}");
    Files.writeString(b.resolve("tokenizer.json"), "{\"b\":1}");
    Files.writeString(b.resolve("chat_template.jinja"), "hi");
    Files.writeString(b.resolve("run.yaml"), "rank: 2");
    String notes = String.join("\n", cat(a, b).notes());
    assertTrue(notes.contains("tokenizer.json beside " + a), notes);
    assertEquals("{\"b\":1}", Files.readString(output().resolve("tokenizer.json")));
    try (Stream<Path> all = Files.list(output())) {
      assertEquals(
          List.of(
              "README.md",
              "adapter_config.json",
              "adapter_model.safetensors",
              "chat_template.jinja",
              "tokenizer.json"),
          all.map(p -> p.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void adaptersThatAreReadAreNotWrittenOver() {
    Path a = adapter("a", 2, Q).write();
    UsageFault fault =
        assertThrows(
            UsageFault.class,
            () ->
                AdapterCombiner.combine(
                    List.of(new WeightedAdapter(a, 1)),
                    Combinations.named("linear"),
                    CombinationSettings.none(),
                    null,
                    directory.resolve("a/../a")));
    assertTrue(fault.getMessage().contains("`output`"), fault.getMessage());
  }

  @Test
  void numbersThatOverflowAreNotWritten() {
    Path a = adapter("a", 2, Q).write();
    RunFault fault =
        assertThrows(
            RunFault.class,
            () -> combine("cat", new WeightedAdapter(a, 3e38), new WeightedAdapter(a, 1)));
    assertTrue(fault.getMessage().contains(Q), fault.getMessage());
    assertFalse(Files.exists(output()));
  }

  /** As PEFT counts, but no more than there can be of use. */
  @Test
  void theRankWithoutOneIsTheGreatestThatAConfigurationNames() {
    Path a =
        adapter("a", 2, Q)
            .with("r", "7")
            .with("rank_pattern", "{\"q_proj\":2,\"none\":1000000000}")
            .write();
    Path b = adapter("b", 3, Q).write();
    assertEquals(10, combine("svd", new WeightedAdapter(a, 1), new WeightedAdapter(b, 1)).rank());
    adapter("a", 2, Q).with("r", "7").with("rank_pattern", "{\"q_proj\":2}").write();
    assertEquals(7, combine("svd", new WeightedAdapter(a, 1), new WeightedAdapter(b, 1)).rank());
  }

  @Test
  void adaptersOfMlxMeetThoseOfPeft() throws IOException {
    Path mlx = Files.createDirectories(directory.resolve("mlx"));
    Path a = adapter("a", 3, Q).write();
    try (Scope scope = new Scope();
        Safetensors file = Safetensors.open(a.resolve("adapter_model.safetensors"))) {
      Tensor of = file.load("base_model.model." + Q + ".lora_A.weight", DType.FLOAT32);
      Tensor other = file.load("base_model.model." + Q + ".lora_B.weight", DType.FLOAT32);
      Safetensors.write(
          mlx.resolve("adapters.safetensors"),
          java.util.Map.of(
              Q + ".lora_a", Safetensors.Source.of(of.t().contiguous()),
              Q + ".lora_b", Safetensors.Source.of(other.t().contiguous())),
          java.util.Map.of());
    }
    Files.writeString(
        mlx.resolve("adapter_config.json"),
        """
        {"fine_tune_type":"lora","num_layers":-1,"model":"base","future_key":3,
         "lora_parameters":{"rank":3,"scale":2.0,"dropout":0.0}}
        """);
    CombinedAdapter made = combine("cat", new WeightedAdapter(mlx, 1), new WeightedAdapter(a, -1));
    assertTrue(made.notes().get(0).contains("future_key"), made.toString());
    for (double d : delta(output(), Q)) {
      assertEquals(0, d, 1e-6, "it is the same adapter");
    }
    Files.writeString(
        mlx.resolve("adapter_config.json"),
        "{\"fine_tune_type\":\"lora\",\"lora_parameters\":{\"rank\":3,\"scale\":2,\"keys\":[\"k\"]}}");
    String refused = assertThrows(InputFault.class, () -> cat(mlx, a)).getMessage();
    assertTrue(refused.contains("keys"), refused);
  }
}
