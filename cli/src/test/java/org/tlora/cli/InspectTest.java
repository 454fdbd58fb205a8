/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.cli.Commands.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.checkpoint.OutputLock;
import org.tlora.cli.Commands.Output;
import org.tlora.format.Json;
import org.tlora.golden.Shared;

/** What {@code tlora inspect} says of models, adapters, runs and rows, and of damaged ones. */
class InspectTest {
  @TempDir private Path directory;

  private static Path model() {
    return Shared.path("golden/tiny-llama");
  }

  private static Output inspect(Path path, String... more) {
    String[] all = Arrays.copyOf(new String[] {"inspect", path.toString()}, 2 + more.length);
    System.arraycopy(more, 0, all, 2, more.length);
    return run(all);
  }

  private static JsonNode json(Path path, String... more) {
    String[] all = Arrays.copyOf(more, more.length + 1);
    all[more.length] = "--json";
    Output o = inspect(path, all);
    assertEquals(0, o.status(), o.err());
    return Json.parse(o.out(), "inspect");
  }

  /** Lines with single blanks between their words. */
  private static String text(Path path, String... more) {
    Output o = inspect(path, more);
    assertEquals(0, o.status(), o.err());
    return o.out().replaceAll(" +", " ");
  }

  private Path trained(String... more) throws IOException {
    Path rows = Commands.writeRows(directory.resolve("rows.jsonl"));
    Path output = directory.resolve("run");
    Output o = Commands.train(model(), rows, output, more);
    assertTrue(o.status() == 0 || o.status() == 130, o.err());
    return output;
  }

  @Test
  void aModelIsPartsBytesTokenizerAndTemplate() {
    String text = text(model());
    assertTrue(text.startsWith("model LlamaForCausalLM, a decoder, "), text);
    for (String line :
        List.of(
            "parameters 180,672",
            " embedding 25,600 (14.2 %)",
            " attention 36,864 (20.4 %)",
            " MLP 92,160 (51.0 %)",
            " norms 448 (0.2 %)",
            " output layer 25,600 (14.2 %)",
            "bytes 722.7 kB of F32",
            "quantisation none",
            "context 512 tokens",
            "tokenizer byte-level BPE of 400 tokens",
            " bos_token <s> (1)",
            " ends a text </s> (2)",
            "chat template none")) {
      assertTrue(text.contains("\n" + line + "\n"), line + " in\n" + text);
    }
    JsonNode json = json(model());
    assertEquals(180_672, json.path("parameters").asInt());
    assertEquals(92_160, json.at("/parts/mlp").asInt());
    assertEquals(722_688, json.at("/bytes_by_type/F32").asInt());
    assertTrue(json.path("quantisation").isNull());
    assertEquals(400, json.at("/tokenizer/vocabulary").asInt());
    assertEquals(1, json.at("/tokenizer/special_tokens/bos_token/id").asInt());
    // what was there before there was text
    assertEquals(3, json.path("layers").asInt());
    assertFalse(json.path("chat_template").asBoolean(true));
  }

  @ParameterizedTest
  @CsvSource({"chatml, ChatML", "llama3, Llama 3", "mistral, Mistral"})
  void aTemplateIsOfAFamily(String name, String family) {
    Path path = Shared.path("cases/models/" + name);
    JsonNode json = json(path);
    assertTrue(json.path("chat_template").asBoolean());
    assertEquals(family, json.path("chat_template_family").asText());
    assertTrue(text(path).contains("chat template " + family + ", "), text(path));
  }

  @Test
  void whatIsTiedAndInBlocksIsCountedOnce() {
    JsonNode json = json(Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
    assertEquals(134_515_008, json.path("parameters").asInt());
    assertFalse(json.path("parts").has("output"));
    assertEquals("Q4_1", json.path("quantisation").asText());
    assertTrue(json.at("/gguf_types/Q4_1").asInt() > 0);
  }

  @Test
  void anEncoderHasItsOwnParts() throws IOException {
    TinyEncoder.write(directory.resolve("bert"), false);
    JsonNode json = json(directory.resolve("bert"));
    assertEquals(50 * 32, json.at("/parts/embedding").asInt());
    assertEquals(2 * 4 * (32 * 32 + 32), json.at("/parts/attention").asInt());
    assertEquals(2 * (2 * 32 * 64 + 64 + 32), json.at("/parts/mlp").asInt());
    assertTrue(text(directory.resolve("bert")).contains("labels none: it has no head"));
  }

  @Test
  void aFinishedRunIsItsAdapterAndHowItWent() throws IOException {
    Path output = trained("--method", "tlora", "--save-every", "4");
    JsonNode json = json(output, "--layers");
    assertEquals("adapter", json.path("kind").asText());
    assertEquals(21, json.path("layers").asInt());
    assertEquals(21, json.path("per_layer").size());
    double most = 0;
    for (JsonNode layer : json.path("per_layer")) {
      most = Math.max(most, layer.path("norm").asDouble());
    }
    assertTrue(most > 0);
    assertEquals(most, json.at("/norms/max").asDouble());
    assertEquals(model().toString(), json.path("base_model").asText());
    JsonNode run = json.path("run");
    assertEquals("tlora", run.path("method").asText());
    assertEquals("finished", run.path("state").asText());
    assertEquals(6, run.path("steps").asInt());
    assertEquals(6, run.path("total_steps").asInt());
    assertEquals(4, run.at("/checkpoints/0/step").asInt());
    assertTrue(run.at("/checkpoints/0/whole").asBoolean());
    assertTrue(run.path("tokens_per_second").asDouble() > 0);
    assertTrue(run.path("peak_rss_bytes").asLong() > 1 << 20);
    assertTrue(run.at("/loss/best").asDouble() <= run.at("/loss/last").asDouble());
    String text = text(output);
    assertTrue(text.startsWith("adapter LoRA, "), text);
    assertTrue(text.contains(" steps 6 of 6\n"), text);
    assertTrue(text.contains(" state finished\n"), text);
  }

  /** Of epochs, the number of steps follows from what the first ones had come to. */
  @ParameterizedTest
  @CsvSource({"2, 4, 4", "1.5, 4, 3", "3, 64, 3", "0.5, 2, 2"})
  void theStepsOfEpochsAreKnownWhileTheRunGoesOn(String epochs, int batch, int steps)
      throws IOException {
    Path output =
        trained("--steps", "0", "--epochs", epochs, "--batch-size", "" + batch, "--method", "lora");
    assertEquals(steps, json(output).at("/run/total_steps").asInt());
    Path metrics = output.resolve("metrics.jsonl");
    List<String> lines = Files.readAllLines(metrics);
    assertEquals(steps, lines.size());
    Files.writeString(metrics, lines.get(0) + "\n" + lines.get(1).substring(0, 30));
    JsonNode run = json(output).path("run");
    assertEquals(steps, run.path("total_steps").asInt(), "half a line is left of a killed process");
    assertEquals(1, run.path("steps").asInt());
    assertEquals("unfinished", run.path("state").asText());
  }

  @Test
  void aRunThatHasStoppedSaysHowItGoesOnAndOneThatGoesOnWhoWrites() throws IOException {
    Path output = trained("--method", "lora", "--save-every", "2");
    Path metrics = output.resolve("metrics.jsonl");
    Files.write(metrics, Files.readAllLines(metrics).subList(0, 4));
    for (String whole : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.delete(output.resolve(whole));
    }
    String text = text(output);
    assertTrue(text.startsWith("run " + output), text);
    assertTrue(text.contains(" state unfinished (tlora train --resume --output "), text);
    assertTrue(text.contains(" checkpoints after step 4, 2\n"), text);
    try (OutputLock lock = OutputLock.of(output)) {
      assertTrue(text(output).contains(" state running (this process writes to it)"));
    }
  }

  @Test
  void aCalibrationIsARunWithoutSteps() throws IOException {
    Path rows = Commands.writeRows(directory.resolve("rows.jsonl"));
    Path output = directory.resolve("calibrated");
    Output made =
        run(
            "calibrate",
            "--model",
            model().toString(),
            "--data",
            rows.toString(),
            "--method",
            "tlora",
            "--rank",
            "4",
            "--calibration-samples",
            "2",
            "--output",
            output.toString());
    assertEquals(0, made.status(), made.err());
    JsonNode run = json(output).path("run");
    assertEquals("tlora", run.path("method").asText());
    assertEquals(2, run.path("calibration_samples").asInt());
    assertFalse(run.has("steps"));
    assertFalse(text(output).contains(" state "));
  }

  @Test
  void aDamagedCheckpointIsShownWithWhatIsLeftOfIt() throws IOException {
    Path step = trained("--method", "lora", "--save-every", "4").resolve("checkpoints/step-4");
    assertTrue(json(step).path("whole").asBoolean());
    assertTrue(text(step).contains("\nwhole yes: "), text(step));
    Path parameters = step.resolve("parameters.safetensors");
    byte[] bytes = Files.readAllBytes(parameters);
    bytes[bytes.length - 1] ^= 1;
    Files.write(parameters, bytes);
    Output o = inspect(step, "--json");
    assertEquals(3, o.status());
    JsonNode json = Json.parse(o.out(), "inspect");
    assertFalse(json.path("whole").asBoolean(true));
    assertEquals(4, json.path("steps").asInt());
    assertTrue(o.err().contains("parameters.safetensors is not what was written"), o.err());
    Output run = inspect(step.getParent().getParent());
    assertEquals(3, run.status());
    assertTrue(run.out().contains("after step 4 (damaged)"), run.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"method: [", "a: {b: c}", "- 1\n- 2", "\u0000\u0001", "steps: many\nepochs: x\n"})
  void aDamagedFileOfOptionsDoesNotHideTheRest(String yaml) throws IOException {
    Path output = trained("--method", "lora");
    Files.writeString(output.resolve("run.yaml"), yaml);
    Output o = inspect(output);
    assertTrue(o.out().contains("of method lora"), o.out());
    assertTrue(o.out().replaceAll(" +", " ").contains(" steps 6"), o.out());
    boolean damaged = !yaml.startsWith("steps");
    assertEquals(damaged ? 3 : 0, o.status(), o.err());
    assertEquals(damaged, o.err().contains("run.yaml"), o.err());
    assertEquals(damaged ? 1 : 0, o.err().lines().count(), o.err());
  }

  @Test
  void damagedMetricsAndCalibrationsAreNamed() throws IOException {
    Path output = trained("--method", "lora");
    Files.writeString(output.resolve("metrics.jsonl"), "x\ny\n{\"step\":0,\"loss\":1e999}\n[]\n");
    Output metrics = inspect(output);
    assertEquals(3, metrics.status());
    assertTrue(metrics.err().contains("metrics.jsonl has 2 lines that are no JSON"), metrics.err());
    Files.writeString(output.resolve("metrics.jsonl"), "");
    Files.writeString(output.resolve("calibration.json"), "{\"modules\":3,");
    Output calibration = inspect(output);
    assertEquals(3, calibration.status());
    assertTrue(calibration.err().contains("calibration.json is not valid JSON"), calibration.err());
  }

  @Test
  void whatIsNothingKnownOrTornIsOneLine() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Output nothing = inspect(empty);
    assertEquals(3, nothing.status());
    assertTrue(nothing.err().contains("holds no model (config.json)"), nothing.err());
    Path weights = Shared.path("golden/tiny-llama/model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    for (int length : new int[] {0, 4, 50, whole.length - 1}) {
      Path torn = Files.write(directory.resolve("x.safetensors"), Arrays.copyOf(whole, length));
      assertOneLine(inspect(torn), "x.safetensors");
      Path model = Files.createDirectories(directory.resolve("model"));
      Files.copy(
          model().resolve("config.json"),
          model.resolve("config.json"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Files.write(model.resolve("model.safetensors"), Arrays.copyOf(whole, length));
      assertOneLine(inspect(model), "model.safetensors");
    }
    Path noise = Files.write(directory.resolve("x.gguf"), new byte[] {1, 2, 3});
    assertOneLine(inspect(noise), "is not a GGUF file");
    assertOneLine(inspect(directory.resolve("absent")), "does not exist");
  }

  private static void assertOneLine(Output o, String says) {
    assertEquals(3, o.status(), o.err());
    assertEquals("", o.out());
    assertEquals(1, o.err().lines().count(), o.err());
    assertTrue(o.err().contains(says), o.err());
  }

  @Test
  void aDamagedTokenizerIsAProblemAndTheWeightsAreShown() throws IOException {
    Path copy = directory.resolve("copy");
    Runs.copy(model(), copy);
    Files.writeString(copy.resolve("tokenizer.json"), "{\"model\":{\"type\":\"BPE\",\"vocab\":3}}");
    Output o = inspect(copy, "--json");
    assertEquals(3, o.status());
    JsonNode json = Json.parse(o.out(), "inspect");
    assertEquals(180_672, json.path("parameters").asInt());
    assertEquals(1, json.path("problems").size());
    Files.delete(copy.resolve("tokenizer.json"));
    assertTrue(text(copy).contains("\ntokenizer none\n"), "that is no problem");
  }

  @Test
  void rowsAreCountedWithTheirFieldsAndBadOnesNamed() throws IOException {
    Path rows = directory.resolve("rows.jsonl");
    Files.write(
        rows,
        List.of(
            "bad",
            "{\"question\":\"a\\u001b[2J\\nb\",\"answer\":\"1\",\"id\":7}",
            "{\"question\":\"c\",\"answer\":\"2\"}",
            "[1]"));
    JsonNode json = json(rows);
    assertEquals("data", json.path("kind").asText());
    assertEquals(4, json.path("rows").asInt());
    assertEquals(2, json.path("bad_rows").asInt());
    assertEquals("question-answer", json.path("format").asText());
    assertEquals(1, json.at("/field_counts/id").asInt());
    assertEquals("a\u001b[2J\nb", json.at("/first/question").asText());
    String text = text(rows);
    assertTrue(text.contains(" question a\\u001b[2J b\n"), text);
    assertTrue(text.contains(" answer all\n"), text);
    assertTrue(text.contains("rows.jsonl, row 4 is not a JSON object"), text);
    Path unknown = Files.writeString(directory.resolve("u.jsonl"), "{\"x\":1}\n");
    assertTrue(json(unknown).path("format").isNull());
    assertTrue(text(unknown).contains("--prompt-field"));
    assertOneLine(inspect(Files.writeString(directory.resolve("e.jsonl"), "")), "has no rows");
  }

  @Test
  void tensorsOfAFileAreListedWithTheirTypes() {
    Path file = model().resolve("model.safetensors");
    String text = text(file, "--tensors");
    assertTrue(text.contains(" model.norm.weight F32 [64]\n"), text);
    assertEquals("[64]", json(file, "--tensors").at("/tensor_list/model.norm.weight").toString());
  }
}
