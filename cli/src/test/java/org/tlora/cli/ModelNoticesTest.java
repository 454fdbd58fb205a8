/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.quickstart.TinyModels;

/** What a model's files have and nothing uses is said once by every command that reads a model. */
class ModelNoticesTest {
  private static final String NAME = "model.mtp.weight";

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void addATensorAndAField() throws IOException {
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    addTensors(
        tensors -> {
          tensors.put(NAME, Tensor.zeros(Device.CPU, DType.FLOAT32, 3));
          tensors.put(
              "model.layers.0.self_attn.rotary_emb.inv_freq",
              Tensor.zeros(Device.CPU, DType.FLOAT32, 3));
        });
    Path config = model.resolve("config.json");
    Files.writeString(config, Json.pretty(Json.readObject(config).put("logit_scale", 0.5)));
  }

  private static void saidOnce(Output output) {
    assertEquals(0, output.status(), output.err());
    String[] around = output.err().split("1 tensor is not used: " + NAME, -1);
    assertEquals(2, around.length, output.err());
    assertTrue(output.err().contains("not used: logit_scale (0.5)"), output.err());
    assertTrue(!output.err().contains("inv_freq"), output.err());
  }

  @Test
  void everyCommandSaysIt() throws IOException {
    saidOnce(Commands.run("inspect", "--json", model.toString()));
    Path data = Commands.writeRows(directory.resolve("rows.jsonl"));
    Path adapter = directory.resolve("adapter");
    saidOnce(Commands.train(model, data, adapter));
    saidOnce(
        Commands.run(
            "generate", "--model", model.toString(), "--prompt", "Shout", "--max-new-tokens", "2"));
    Path merged = directory.resolve("merged");
    saidOnce(
        Commands.run(
            "merge",
            "--model",
            model.toString(),
            "--adapter",
            adapter.toString(),
            "--output",
            merged.toString()));
    try (Safetensors file = Safetensors.open(merged.resolve("model.safetensors"))) {
      assertTrue(file.names().stream().noneMatch(n -> n.equals(NAME) || n.contains("inv_freq")));
    }
  }

  @Test
  void anAdapterBesideTheWeightsIsNamedAndNothingIsMergedBesideOne() throws IOException {
    Path data = Commands.writeRows(directory.resolve("rows.jsonl"));
    Path adapter = directory.resolve("adapter");
    assertEquals(0, Commands.train(model, data, adapter).status());
    String[] merge = {
      "merge", "--model", model.toString(), "--adapter", adapter.toString(), "--output"
    };
    String[] beside = Arrays.copyOf(merge, merge.length + 1);
    beside[merge.length] = adapter.toString();
    Output refused = Commands.run(beside);
    assertEquals(2, refused.status(), refused.err());
    assertTrue(refused.err().contains("holds an adapter"), refused.err());
    Files.copy(adapter.resolve("adapter_config.json"), model.resolve("adapter_config.json"));
    Output written =
        Commands.run(
            "generate", "--model", model.toString(), "--prompt", "Shout", "--max-new-tokens", "2");
    assertEquals(0, written.status(), written.err());
    assertTrue(written.err().contains("there is an adapter beside the weights"), written.err());
  }

  @Test
  void rowsOfTwoTablesAtOnceDoNotGoOntoABaseThatOnlySaysItsTablesAreOne() throws IOException {
    Path data = Commands.writeRows(directory.resolve("rows.jsonl"));
    Path adapter = directory.resolve("adapter");
    Output trained = Commands.train(model, data, adapter, "--trainable-tokens", "id=5");
    assertEquals(0, trained.status(), trained.err());
    assertTrue(
        Json.readObject(adapter.resolve("adapter_config.json"))
            .path("trainable_token_indices")
            .isArray());
    String[] generate = {
      "generate", "--model", model.toString(), "--adapter", adapter.toString(), "--prompt", "Shout"
    };
    assertEquals(0, Commands.run(generate).status());
    addTensors(
        tensors -> tensors.put("lm_head.weight", tensors.get("model.embed_tokens.weight").mul(2)));
    Output refused = Commands.run(generate);
    assertEquals(3, refused.status(), refused.err());
    assertTrue(refused.err().contains("a list of trainable_token_indices"), refused.err());
    Output goesOn =
        Commands.train(
            model, data, directory.resolve("more"), "--init-adapter", adapter.toString());
    assertEquals(3, goesOn.status(), goesOn.err());
    assertTrue(goesOn.err().contains("tie_word_embeddings"), goesOn.err());
    Path own = directory.resolve("own");
    assertEquals(0, Commands.train(model, data, own, "--trainable-tokens", "id=5").status());
    generate[4] = own.toString();
    assertEquals(0, Commands.run(generate).status(), "trained on it, the table is named");
  }

  private void addTensors(Consumer<Map<String, Tensor>> change) {
    Path file = model.resolve("model.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Scope scope = new Scope()) {
      try (Safetensors old = Safetensors.open(file)) {
        old.names().forEach(n -> tensors.put(n, old.load(n, old.type(n))));
      }
      change.accept(tensors);
      Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
      tensors.forEach((n, t) -> sources.put(n, Safetensors.Source.of(t)));
      Safetensors.write(file, sources, Map.of("format", "pt"));
    }
  }
}
