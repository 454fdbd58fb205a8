package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
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
    Path file = model.resolve("model.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Scope scope = new Scope()) {
      try (Safetensors old = Safetensors.open(file)) {
        old.names().forEach(n -> tensors.put(n, old.load(n, old.type(n))));
      }
      tensors.put(NAME, Tensor.zeros(DType.FLOAT32, 3));
      tensors.put("model.layers.0.self_attn.rotary_emb.inv_freq", Tensor.zeros(DType.FLOAT32, 3));
      Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
      tensors.forEach((n, t) -> sources.put(n, Safetensors.Source.of(t)));
      Safetensors.write(file, sources, Map.of("format", "pt"));
    }
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
    saidOnce(Commands.run("inspect", model.toString()));
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
}
