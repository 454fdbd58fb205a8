/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.TakesLong;

/** The command that compares methods, and the options that methods bring along. */
class CompareTest {
  @TempDir private Path directory;
  private Path model;
  private Path data;

  @BeforeEach
  void unpackModelAndWriteData() throws IOException {
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    data = Commands.writeRows(directory.resolve("rows.jsonl"));
  }

  private Output command(String command, Path output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                command,
                "--model",
                model.toString(),
                "--data",
                data.toString(),
                "--template",
                "plain",
                "--steps",
                "8",
                "--batch-size",
                "2",
                "--micro-batch-size",
                "2",
                "--learning-rate",
                "2e-3",
                "--output",
                output.toString()));
    arguments.addAll(Arrays.asList(more));
    if (!arguments.contains("--calibration-samples")) {
      arguments.addAll(List.of("--calibration-samples", "3"));
    }
    return Commands.run(arguments.toArray(String[]::new));
  }

  @Test
  @TakesLong
  void allMethodsComeOutAsOneTable() throws IOException {
    Path tasks = directory.resolve("task.jsonl");
    Files.writeString(
        tasks,
        "{\"question\":\"2+2?\",\"answer\":\"#### 4\"}\n{\"question\":\"1+1?\",\"answer\":\"#### 2\"}\n");
    Path output = directory.resolve("table");
    Output result =
        command(
            "compare",
            output,
            "--methods",
            "all",
            "--rank",
            "4",
            "--held-out",
            "2",
            "--task",
            "gsm8k",
            "--task-data",
            tasks.toString());
    assertEquals(0, result.status(), result.err());
    String table = Files.readString(output.resolve("comparison.md"));
    for (String method : PeftMethods.names()) {
      assertTrue(table.contains("\n| " + method), method + " in\n" + table);
    }
    assertTrue(table.contains("| corda:corda-mode=ipm |"), table);
    assertTrue(table.contains("| corda:corda-mode=kpm |"), table);
    assertFalse(table.contains("failed"), table);
    assertTrue(table.contains("gsm8k (%)"), table);
    List<String> csv = Files.readAllLines(output.resolve("comparison.csv"));
    assertEquals(PeftMethods.names().size() + 2, csv.size(), "a header, and corda comes twice");
    assertTrue(csv.get(0).startsWith("method,seed,error,trainable_parameters"), csv.get(0));
    String page = Files.readString(output.resolve("comparison.html"));
    assertTrue(page.contains("Rank of each layer: tlora"));
    assertTrue(Files.exists(output.resolve("full/model.safetensors")), "full writes a model");
    assertTrue(Files.exists(output.resolve("dora/adapter_config.json")));
    assertFalse(Files.exists(output.resolve("calibration-seed-0.safetensors")));
  }

  @TakesLong
  @Test
  void startedAgainItGoesOnAndFailedRunsSayWhy() throws IOException {
    Path output = directory.resolve("table");
    String[] methods = {"--methods", "lora,adalora:adalora-final-steps=100", "--seeds", "1,2"};
    Output first = command("compare", output, methods);
    assertEquals(0, first.status(), first.err());
    String table = Files.readString(output.resolve("comparison.md"));
    assertTrue(table.contains("failed: `adaloraWarmupSteps`"), table);
    assertTrue(table.contains(" ± "), "two seeds: " + table);
    Path adapter = output.resolve("lora-seed-2/adapter_model.safetensors");
    var written = Files.getLastModifiedTime(adapter);
    Output second = command("compare", output, methods);
    assertEquals(0, second.status(), second.err());
    assertTrue(second.err().contains("lora, seed 2: done before"), second.err());
    assertEquals(written, Files.getLastModifiedTime(adapter));
    Output other = command("compare", output, "--methods", "lora", "--seeds", "1,2", "--rank", "3");
    assertEquals(2, other.status());
    assertTrue(other.err().contains("other settings"), other.err());
  }

  @Test
  void resultsOfOtherContentsUnderTheSameNamesAreRefused() throws IOException {
    Path tasks = directory.resolve("task.jsonl");
    String question = "{\"question\":\"2+2?\",\"answer\":\"#### 4\"}\n";
    Files.writeString(tasks, question);
    Path samples = Files.copy(data, directory.resolve("samples.jsonl"));
    Path heldOut = Files.copy(data, directory.resolve("held-out.jsonl"));
    Path output = directory.resolve("table");
    String[] more = {
      "--methods",
      "lora,tlora",
      "--eval-data",
      heldOut.toString(),
      "--steps",
      "2",
      "--calibration-data",
      samples.toString(),
      "--task",
      "gsm8k",
      "--task-data",
      tasks.toString()
    };
    Output first = compare(output, more);
    assertEquals(0, first.status(), first.err());
    Output again = compare(output, more);
    assertEquals(0, again.status(), again.err());
    assertTrue(again.err().contains("tlora, seed 0: done before"), again.err());
    String options = Files.readString(output.resolve("run.yaml"));
    Map<Path, String> changed =
        Map.of(
            data,
            "rows to train on was 6 with digest",
            heldOut,
            "rows to evaluate on was 6 with digest",
            samples,
            "calibration-data was a file with digest",
            tasks,
            "tasks was gsm8k on 1 rows with digest",
            model.resolve("model.safetensors"),
            "model contents was");
    for (Map.Entry<Path, String> e : changed.entrySet()) {
      byte[] bytes = Files.readAllBytes(e.getKey());
      byte[] other = bytes.clone();
      other[bytes.length - (e.getKey().startsWith(model) ? 2 : 4)] ^= 1;
      Files.write(e.getKey(), other);
      Output refused = compare(output, more);
      assertEquals(2, refused.status(), e.getKey() + ": " + refused.err());
      assertTrue(refused.err().contains(e.getValue()), refused.err());
      assertEquals(options, Files.readString(output.resolve("run.yaml")));
      Files.write(e.getKey(), bytes);
    }
    Path elsewhere = directory.resolve("elsewhere.jsonl");
    Files.move(data, elsewhere);
    data = elsewhere;
    Output moved = compare(output, more);
    assertEquals(0, moved.status(), "the same rows in another place: " + moved.err());
  }

  private Output compare(Path output, String... more) {
    List<String> arguments =
        List.of("compare", "--model", model.toString(), "--data", data.toString());
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--template", "plain", "--batch-size", "2", "--dtype", "float32"));
    all.addAll(List.of("--calibration-samples", "3", "--output", output.toString()));
    all.addAll(List.of(more));
    return Commands.run(all.toArray(String[]::new));
  }

  @Test
  @TakesLong
  void theSameRunComesOutWhetherOtherMethodsRanBeforeOrNot() throws IOException {
    Path many = directory.resolve("many");
    Path one = directory.resolve("one");
    command("compare", many, "--methods", "full,pissa,dora,tlora", "--dtype", "float32");
    Output alone = command("train", one, "--method", "tlora", "--dtype", "float32");
    assertEquals(0, alone.status(), alone.err());
    assertEquals(
        -1,
        Files.mismatch(
            many.resolve("tlora/adapter_model.safetensors"),
            one.resolve("adapter_model.safetensors")));
  }

  @Test
  void calibrationIsKeptAndRefusedWhereItDoesNotFit() throws IOException {
    String cache = directory.resolve("statistics.safetensors").toString();
    Output first = command("calibrate", directory.resolve("a"), "--calibration-cache", cache);
    assertEquals(0, first.status(), first.err());
    Output second = command("calibrate", directory.resolve("b"), "--calibration-cache", cache);
    assertTrue(second.err().contains("calibration read from"), second.err());
    assertEquals(
        -1,
        Files.mismatch(
            directory.resolve("a/adapter_model.safetensors"),
            directory.resolve("b/adapter_model.safetensors")));
    Output otherSamples =
        command("calibrate", directory.resolve("c"), "--calibration-cache", cache, "--seed", "9");
    assertEquals(3, otherSamples.status());
    assertTrue(otherSamples.err().contains("another data"), otherSamples.err());
    Files.writeString(cache(cache), "no such thing");
    Output damaged = command("calibrate", directory.resolve("d"), "--calibration-cache", cache);
    assertEquals(3, damaged.status(), damaged.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"tlora", "corda", "gora"})
  void boundedMemoryTakesMorePassesAndComesToTheSame(String method) throws IOException {
    Path whole = directory.resolve("whole");
    Path groups = directory.resolve("groups");
    assertEquals(0, command("calibrate", whole, "--method", method).status());
    Output bounded =
        command("calibrate", groups, "--method", method, "--calibration-memory", "1500K");
    assertEquals(0, bounded.status(), bounded.err());
    assertTrue(
        bounded.err().lines().filter(l -> l.startsWith("calibrating 3/3")).count() > 2,
        "a pass for each group: " + bounded.err());
    assertEquals(
        -1,
        Files.mismatch(
            whole.resolve("adapter_model.safetensors"),
            groups.resolve("adapter_model.safetensors")));
    Output tooSmall = command("calibrate", groups, "--calibration-memory", "1K");
    assertEquals(2, tooSmall.status());
    assertTrue(tooSmall.err().contains("alone take"), tooSmall.err());
  }

  @Test
  void calibrationStopsWhereRanksHaveSettled() throws IOException {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      many.append(Files.readString(data));
    }
    Path rows = directory.resolve("many.jsonl");
    Files.writeString(rows, many.toString());
    Path output = directory.resolve("auto");
    Output result =
        Commands.run(
            "calibrate",
            "--model",
            model.toString(),
            "--data",
            rows.toString(),
            "--template",
            "plain",
            "--dtype",
            "float32",
            "--calibration-samples",
            "auto",
            "--output",
            output.toString());
    assertEquals(0, result.status(), result.err());
    int samples = Json.readObject(output.resolve("calibration.json")).path("samples").asInt();
    assertTrue(samples >= 16 && samples < 128, "six texts, over and over: " + samples);
    Output gradient =
        command(
            "calibrate",
            directory.resolve("x"),
            "--method",
            "lora-ga",
            "--calibration-samples",
            "auto");
    assertEquals(2, gradient.status(), gradient.err());
    assertTrue(gradient.err().contains("whose gradient"), gradient.err());
  }

  private static Path cache(String cache) {
    return Path.of(cache);
  }

  @TakesLong
  @Test
  void everyAblationOfTloraIsOneOption() throws IOException {
    Path output = directory.resolve("ablations");
    String methods =
        "tlora,tlora:allocation=uniform,tlora:alpha-allocation=uniform,tlora:init=random,"
            + "tlora:train-a=true,tlora:allocation=uniform:alpha-allocation=uniform:init=random";
    Output result = command("compare", output, "--methods", methods, "--rank", "4");
    assertEquals(0, result.status(), result.err());
    ObjectNode plain = calibration(output, "tlora");
    ObjectNode uniform = calibration(output, "tlora_allocation=uniform");
    assertEquals(4, uniform.path("modules").findValue("rank").asInt());
    assertTrue(ranks(uniform).stream().allMatch(r -> r == 4));
    assertTrue(ranks(plain).stream().anyMatch(r -> r != 4));
    assertEquals(ranks(plain).stream().mapToInt(r -> r).sum(), 4 * ranks(plain).size());
    ObjectNode sameAlpha = calibration(output, "tlora_alpha-allocation=uniform");
    sameAlpha.path("modules").forEach(m -> assertEquals(1, m.path("scaling").asDouble()));
    assertEquals(ranks(plain), ranks(sameAlpha));
    long both = calibration(output, "tlora_train-a=true").path("trainable_parameters").asLong();
    assertTrue(both > plain.path("trainable_parameters").asLong() * 1.5);
    ObjectNode nothing =
        calibration(output, "tlora_allocation=uniform_alpha-allocation=uniform_init=random");
    assertEquals(0, nothing.path("samples").asInt(), "nothing to calibrate");
  }

  private static ObjectNode calibration(Path output, String folder) {
    return Json.readObject(output.resolve(folder).resolve("calibration.json"));
  }

  private static List<Integer> ranks(ObjectNode calibration) {
    List<Integer> ranks = new ArrayList<>();
    calibration.path("modules").forEach(m -> ranks.add(m.path("rank").asInt()));
    return ranks;
  }

  @ParameterizedTest
  @CsvSource({"--trainable-parameters, 9000, 9000", "--trainable-share, 0.01, 16248"})
  void theRankBudgetMayBeGivenInParameters(String option, String value, long allowed) {
    Path output = directory.resolve("budget");
    Output result = command("calibrate", output, option, value);
    assertEquals(0, result.status(), result.err());
    ObjectNode calibration = Json.readObject(output.resolve("calibration.json"));
    long trainable = calibration.path("trainable_parameters").asLong();
    double most =
        option.endsWith("share") ? calibration.path("base_parameters").asLong() * 0.01 : allowed;
    assertTrue(trainable <= most, trainable + " of " + most);
    assertTrue(trainable > 0.9 * most, "and nearly spends it: " + trainable + " of " + most);
  }

  @ParameterizedTest
  @CsvSource({
    "--method, lora, --corda-mode, kpm, no option of --method lora",
    "--method, corda, --corda-mode, xyz, 'must be one of ipm, kpm'",
    "--method, lora+, --lora-plus-ratio, -3, a number from 0 on",
    "--method, lora+, --lora-plus-ratio, 0, but not 0",
    "--method, lora+, --lora-plus-ratio, 1e39, that float32 can hold",
    "--method, adalora, --adalora-orthogonality, Infinity, that float32 can hold",
    "--method, adalora, --adalora-beta1, 1, from 0 to below 1",
    "--method, adalora, --adalora-initial-rank, 4294967304, from 0 to 2147483647",
    "--trainable-parameters, 10, --method, tlora, below one rank a layer",
    "--trainable-parameters, 90000, --rank, 8, exclude each other",
    "--method, full, --dtype, bfloat16, use --dtype float32",
    "--method, adalora, --adalora-initial-rank, 2, must not be below --rank"
  })
  void wrongOptionsOfMethodsAreOneClearLine(
      String option, String value, String other, String otherValue, String message) {
    Output result = command("train", directory.resolve("x"), option, value, other, otherValue);
    assertEquals(2, result.status(), result.err());
    assertTrue(result.err().contains(message), result.err());
  }
}
