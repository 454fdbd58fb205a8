/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.loading.LoadedModel;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;

/** What goes wrong while a run is under way: one clear line, and nothing that was saved is lost. */
class FaultsTest {
  @TempDir private Path directory;
  private Path model;
  private Path data;
  private Path output;

  @BeforeEach
  void prepare() throws IOException {
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    data = Commands.writeRows(directory.resolve("rows.jsonl"));
    output = directory.resolve("run");
  }

  private List<String> arguments(String... more) {
    List<String> all = new ArrayList<>(List.of("train", "--model", model.toString()));
    all.addAll(List.of("--data", data.toString(), "--template", "plain", "--threads", "1"));
    all.addAll(List.of("--method", "lora", "--output", output.toString()));
    all.addAll(List.of(more));
    return all;
  }

  private static String lastLine(String log) {
    List<String> lines = log.strip().lines().toList();
    return lines.get(lines.size() - 1);
  }

  /**
   * Makes every row with this token overflow, as Granite, which multiplies embeddings; the weights
   * themselves are finite, and other tokens' embeddings are normalised anyway.
   */
  private void poison(int token) throws IOException {
    Path file = model.resolve("model.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Scope scope = new Scope()) {
      try (Safetensors weights = Safetensors.open(file)) {
        weights.names().forEach(n -> tensors.put(n, weights.load(n, weights.type(n))));
      }
      Tensor embedding = tensors.get("model.embed_tokens.weight");
      tensors.put("lm_head.weight", embedding.copy()); // not tied: only the row's own input is bad
      embedding.narrow(0, token, 1).fillInPlace(1e30);
      Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
      tensors.forEach((n, t) -> sources.put(n, Safetensors.Source.of(t)));
      Safetensors.write(file, sources, Map.of("format", "pt"));
    }
    Path config = model.resolve("config.json");
    ObjectNode settings = Json.readObject(config);
    settings.put("tie_word_embeddings", false).put("model_type", "granite");
    settings.putArray("architectures").add("GraniteForCausalLM");
    settings.put("embedding_multiplier", 1e10).put("residual_multiplier", 1.0);
    settings.put("attention_multiplier", 0.2).put("logits_scaling", 1.0);
    Files.writeString(config, Json.pretty(settings));
  }

  /** A token that only one row has. */
  private record Only(int row, int token) {}

  private Only tokenOfOneRow() throws IOException {
    List<String> lines = Files.readAllLines(data);
    try (TinyModels tiny = new TinyModels(directory.resolve("whole"), DType.FLOAT32)) {
      List<List<Integer>> ids = new ArrayList<>();
      for (String line : lines) {
        ObjectNode fields = Json.parseObject(line, "row");
        String text = fields.path("question").asText() + " " + fields.path("answer").asText();
        List<Integer> all = new ArrayList<>();
        for (int id : tiny.files().tokenizer().encode(text, false)) {
          all.add(id);
        }
        ids.add(all);
      }
      for (int row = 0; row < ids.size(); row++) {
        for (int id : ids.get(row)) {
          if (ids.stream().filter(other -> other.contains(id)).count() == 1) {
            return new Only(row + 1, id);
          }
        }
      }
      throw new IllegalStateException("every token is in two rows");
    }
  }

  @Test
  void stepsOnABadRowAreSkippedAndCountedThenTheRunStopsAndNamesIt() throws IOException {
    Only only = tokenOfOneRow();
    poison(only.token());
    String guilty = data + ", row " + only.row();
    // six rows in three steps an epoch: one step of each is bad
    Output passed =
        Commands.run(
            arguments("--batch-size", "2", "--steps", "9", "--max-bad-steps", "3")
                .toArray(String[]::new));
    assertEquals(0, passed.status(), passed.err());
    List<ObjectNode> metrics = Runs.metrics(output);
    List<ObjectNode> skipped = metrics.stream().filter(m -> m.has("skipped")).toList();
    assertEquals(3, skipped.size(), metrics.toString());
    assertEquals(6, metrics.stream().filter(m -> m.has("loss")).count());
    for (ObjectNode line : skipped) {
      assertEquals(guilty, line.path("rows").asText());
    }
    output = directory.resolve("stopped");
    Output stopped =
        Commands.run(
            arguments("--batch-size", "2", "--steps", "9", "--max-bad-steps", "2")
                .toArray(String[]::new));
    assertEquals(4, stopped.status(), stopped.err());
    assertTrue(lastLine(stopped.err()).contains(guilty), stopped.err());
    assertTrue(lastLine(stopped.err()).contains("--max-bad-steps"), stopped.err());
    // what had been learned until then is there, and goes on where more is allowed
    Path checkpoint =
        output.resolve("checkpoints/" + Runs.names(output.resolve("checkpoints")).get(0));
    try (LoadedModel loaded =
        LoadedModel.open(model, checkpoint, null, LoadedModel.Form.EXACT, note -> {})) {
      assertTrue(!loaded.adapters().isEmpty());
    }
    Output resumed =
        Commands.run(
            "train", "--output", output.toString(), "--resume-anyway", "--max-bad-steps", "9");
    assertEquals(0, resumed.status(), resumed.err());
    assertEquals(Runs.metrics(directory.resolve("run")), Runs.metrics(output));
    assertEquals(Runs.weights(directory.resolve("run")), Runs.weights(output));
  }

  @Test
  void weightsThatAreNotNumbersAreNamed() throws IOException {
    Path file = model.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] = 0x7f; // the last float becomes not a number
    bytes[bytes.length - 2] = (byte) 0xc0;
    Files.write(file, bytes);
    Output refused = Commands.run(arguments("--steps", "1").toArray(String[]::new));
    assertEquals(3, refused.status(), refused.err());
    assertTrue(lastLine(refused.err()).contains("infinite or not a number"), refused.err());
    assertTrue(lastLine(refused.err()).contains("tensor model."), refused.err());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aLinkOutOfTheModelIsRefusedAndAModelThatIsALinkIsNot() throws IOException {
    Path elsewhere = directory.resolve("weights.safetensors");
    Files.move(model.resolve("model.safetensors"), elsewhere);
    Files.createSymbolicLink(model.resolve("model.safetensors"), elsewhere);
    Output refused = Commands.run(arguments("--steps", "1").toArray(String[]::new));
    assertEquals(3, refused.status(), refused.err());
    assertTrue(lastLine(refused.err()).contains("is a link out of its directory"), refused.err());

    Path cache = Files.createDirectories(directory.resolve("models--a--b/snapshots"));
    Files.move(model, cache.resolve("main"));
    Path blob = Files.createDirectories(directory.resolve("models--a--b/blobs")).resolve("w");
    Files.move(elsewhere, blob);
    Files.delete(cache.resolve("main/model.safetensors"));
    Files.createSymbolicLink(cache.resolve("main/model.safetensors"), Path.of("../../blobs/w"));
    Files.createSymbolicLink(model, cache.resolve("main"));
    Output cached = Commands.run(arguments("--steps", "1").toArray(String[]::new));
    assertEquals(0, cached.status(), cached.err());
  }

  @Test
  @StartsProcess
  @EnabledOnOs(OS.LINUX)
  void filesHaveTheModeThatTheUserWants() throws Exception {
    for (String[] umask : new String[][] {{"077", "rw-------"}, {"022", "rw-r--r--"}}) {
      output = directory.resolve("run-" + umask[0]);
      Child child =
          Child.start(
              List.of("sh", "-c", "umask " + umask[0] + " && exec \"$0\" \"$@\""),
              directory.resolve("log"),
              arguments("--steps", "2", "--save-every", "1"));
      assertEquals(0, child.status(), child.log());
      try (Stream<Path> all = Files.walk(output)) {
        for (Path p : all.filter(Files::isRegularFile).toList()) {
          assertEquals(
              umask[1], PosixFilePermissions.toString(Files.getPosixFilePermissions(p)), "" + p);
        }
      }
    }
  }

  @Test
  @StartsProcess
  @EnabledOnOs(OS.LINUX)
  void aFileThatCannotGrowIsOneLineAndTheLastCheckpointIsWhole() throws Exception {
    Output before =
        Commands.run(arguments("--steps", "8", "--save-every", "4").toArray(String[]::new));
    assertEquals(0, before.status(), before.err());
    Path step4 = output.resolve("checkpoints/step-4");
    long largest = Files.size(step4.resolve("optimizer.safetensors"));
    output = directory.resolve("limited");
    Runs.copy(step4, output.resolve("checkpoints/step-4"));
    Child child =
        Child.start(
            List.of("prlimit", "--fsize=" + (largest - 1000)),
            directory.resolve("log"),
            arguments("--steps", "8", "--save-every", "1", "--resume-anyway"));
    assertEquals(4, child.status(), child.log());
    assertTrue(lastLine(child.log()).matches("tlora: .*cannot be written: .*"), child.log());
    assertFalse(child.log().contains("\tat "), "no stack trace: " + child.log());
    assertEquals(List.of("step-4"), Runs.names(output.resolve("checkpoints")));
    Output resumed =
        Commands.run(
            arguments("--steps", "8", "--save-every", "4", "--resume").toArray(String[]::new));
    assertEquals(0, resumed.status(), resumed.err());
    assertEquals(Runs.weights(directory.resolve("run")), Runs.weights(output));
  }

  @Test
  @StartsProcess
  @EnabledOnOs(OS.LINUX)
  void aFullDiskIsOneLine() throws Exception {
    Files.createDirectories(output);
    List<String> before = Child.withDisk(output, "600k");
    Child child =
        Child.start(
            before, directory.resolve("log"), arguments("--steps", "5000", "--save-every", "10"));
    assertEquals(4, child.status(), child.log());
    assertTrue(lastLine(child.log()).contains("No space left on device"), child.log());
    assertFalse(child.log().contains("\tat "), "no stack trace: " + child.log());
  }

  @Test
  @StartsProcess
  void aSecondProcessOnTheSameOutputIsRefusedUntilTheFirstIsKilled() throws Exception {
    Child first = Child.start(directory.resolve("log"), arguments("--steps", "1000000"));
    first.waitForBytes(output.resolve("metrics.jsonl"), 2000);
    Child second = Child.start(directory.resolve("log-2"), arguments("--steps", "2"));
    assertEquals(4, second.status(), second.log());
    assertTrue(
        lastLine(second.log()).contains("is being written to by process " + first.pid()),
        second.log());
    assertTrue(first.isAlive());
    first.kill();
    Child third = Child.start(directory.resolve("log-3"), arguments("--steps", "2"));
    assertEquals(0, third.status(), third.log());
  }

  @Test
  @StartsProcess
  @EnabledOnOs(OS.LINUX)
  void anOutputDirectoryThatIsRemovedIsMadeAgain() throws Exception {
    Child child =
        Child.start(
            directory.resolve("log"), arguments("--steps", "1000000", "--save-every", "20"));
    child.waitFor("a checkpoint", () -> Files.exists(output.resolve("checkpoints/step-20")));
    new ProcessBuilder("sh", "-c", "while ! rm -rf " + output + "; do :; done").start().waitFor();
    child.waitForBytes(output.resolve("metrics.jsonl"), 2000);
    child.waitFor("another", () -> Files.exists(output.resolve("checkpoints")));
    child.signal("TERM");
    assertEquals(143, child.status(), child.log());
    List<ObjectNode> metrics = Runs.metrics(output);
    for (int i = 0; i < metrics.size(); i++) {
      assertEquals(i, metrics.get(i).path("step").asInt(), "from the first step on");
    }
    try (LoadedModel loaded =
        LoadedModel.open(model, output, null, LoadedModel.Form.EXACT, note -> {})) {
      assertTrue(!loaded.adapters().isEmpty());
    }
  }

  @Test
  @StartsProcess
  @EnabledOnOs(OS.LINUX)
  void memoryThatDoesNotSufficeIsPlannedForTheUser() throws Exception {
    String row = "{\"question\":\"" + "Shout tomato. ".repeat(9) + "\",\"answer\":\"TOMATO\"}\n";
    Files.writeString(data, row.repeat(3000));
    Child child =
        Child.start(
            List.of("prlimit", "--as=3500000000"),
            directory.resolve("log"),
            arguments("--steps", "3", "--batch-size", "3000"));
    assertEquals(4, child.status(), child.log());
    String last = lastLine(child.log());
    assertTrue(last.startsWith("tlora: out of native memory"), child.log());
    for (String part : List.of("weights", "adapters", "optimizer", "activations", "3000 rows")) {
      assertTrue(last.contains(part), last);
    }
    assertTrue(last.contains("--micro-batch-size"), last);
  }
}
