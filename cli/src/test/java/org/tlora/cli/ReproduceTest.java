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
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.TakesLong;

/** The paper's experiments by one command: rows, training, scores, and its numbers beside them. */
class ReproduceTest {
  @TempDir private static Path shared;
  private static Path model;
  @TempDir private Path directory;
  private Path from;
  private Path output;

  @BeforeAll
  static void unpackModel() {
    model = shared.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
  }

  @BeforeEach
  void makeDirectory() throws IOException {
    from = Files.createDirectories(directory.resolve("from"));
    output = directory.resolve("out");
  }

  private void write(String file, int rows, IntFunction<String> row) throws IOException {
    Files.writeString(
        from.resolve(file),
        IntStream.range(0, rows).mapToObj(row).map(r -> r + "\n").collect(Collectors.joining()));
  }

  private Output reproduce(String... more) {
    List<String> all = new ArrayList<>(List.of("reproduce", "--model", model.toString()));
    all.addAll(List.of("--from", from.toString(), "--output", output.toString()));
    all.addAll(List.of(more));
    return run(all.toArray(String[]::new));
  }

  private void mathFiles() throws IOException {
    write(
        "gsm8k-train.jsonl",
        110,
        i -> "{\"question\": \"ma%d ra?\", \"answer\": \"mara #### %d\"}".formatted(i, i));
    write(
        "gsm8k-test.jsonl",
        3,
        i -> "{\"question\": \"ma%d?\", \"answer\": \"#### %d\"}".formatted(i, i));
    write(
        "MATH-test.jsonl",
        3,
        i ->
            "{\"question\": \"ma?\", \"type\": \"Algebra\", \"answer\": \"\\\\boxed{%d}\"}"
                .formatted(i));
  }

  @Test
  @TakesLong
  void trainsScoresAndPutsThePapersNumbersBesideItsOwn() throws IOException {
    Output missing = reproduce("math", "--methods", "tlora,lora:alpha=4");
    assertEquals(3, missing.status(), missing.err());
    assertTrue(missing.err().contains("gsm8k-train.jsonl (openai/"), missing.err());
    assertTrue(missing.err().contains("MATH-test.jsonl"), "all that is missing: " + missing.err());

    mathFiles();
    String[] options = {
      "math", "--methods", "tlora,lora:alpha=4", "--limit", "2", "--", "--steps", "3", "--rank", "2"
    };
    Output done = reproduce(options);
    assertEquals(0, done.status(), done.err());
    assertTrue(done.err().contains("tlora train --recipe math-small"), "what it runs is said");
    String table = Files.readString(output.resolve("reproduction.md"));
    assertEquals(table, done.out());
    assertTrue(
        table.matches("(?s).*\\| tlora \\| 171\\.71M \\| [\\d,]+ \\| 56\\.34 \\| [\\d.]+ ± .*"),
        table);
    assertTrue(table.contains("| lora:alpha=4 | 319.81M |"), table);
    assertTrue(table.contains("gsm8k 2, math 2"), table);
    Output again = reproduce(options);
    assertEquals(table, again.out());
    assertTrue(again.err().contains("trained before"), again.err());
    assertFalse(again.err().contains("training 3/3"), "nothing is done twice");
  }

  /** The rows, and the first steps of the whole length. */
  @Test
  @TakesLong
  void theWholeLengthBeginsWithPublishedRowsAndCanStopAfterTwoSteps() throws IOException {
    write(
        "MetaMathQA-395K.json",
        300,
        i -> "{\"query\": \"ma%d?\", \"response\": \"ra %d\", \"type\": \"x\"}".formatted(i, i));
    String[] options = {
      "math",
      "--scale",
      "full",
      "--dtype",
      "float32",
      "--stop-after",
      "2",
      "--",
      "--rank",
      "2",
      "--batch-size",
      "16",
      "--micro-batch-size",
      "4"
    };
    Output stopped = reproduce(options);
    assertEquals(0, stopped.status(), stopped.err());
    assertTrue(stopped.err().contains("stopped after 2 steps"), stopped.err());
    assertEquals(2, Runs.metrics(output.resolve("tlora")).size());
    assertEquals(300, Files.readAllLines(output.resolve("rows/train.jsonl")).size());
    List<String> calibration = Files.readAllLines(output.resolve("rows/calibration.jsonl"));
    assertEquals(256, calibration.size());
    // numpy.random.default_rng(42).permutation(300)[:4], by NumPy 2.4
    List<String> queries =
        calibration.subList(0, 4).stream()
            .map(line -> Json.parse(line, "a row").path("query").asText())
            .toList();
    assertEquals(ORDER_OF_300.stream().map(i -> "ma" + i + "?").toList(), queries);
    String first = Files.readString(output.resolve("tlora/metrics.jsonl"));
    assertTrue(first.contains("\"learning_rate\":2.0E-5"), "warmed up over the whole: " + first);
    Output further =
        reproduce("math", "--scale", "full", "--dtype", "float32", "--stop-after", "3");
    assertEquals(0, further.status(), further.err());
    assertEquals(3, Runs.metrics(output.resolve("tlora")).size(), "it goes on");
    Output nothing = run("train", "--resume", "--stop-after", "3", "--output", output + "/tlora");
    assertEquals(0, nothing.status(), nothing.err());
    assertEquals(3, Runs.metrics(output.resolve("tlora")).size(), "it is there already");
  }

  private static final List<Integer> ORDER_OF_300 = List.of(261, 293, 61, 253);

  @Test
  @TakesLong
  void promptsOfCommonSenseAreThosePublished() throws IOException {
    write(
        "commonsense_170k.json",
        40,
        i ->
            "{\"instruction\": \"{input} ma%d?\", \"input\": \"%s\", \"output\": \"ra\", \"answer\": \"x\"}"
                .formatted(i, i == 1 ? "ro" : ""));
    Output stopped =
        reproduce(
            "commonsense",
            "--scale",
            "full",
            "--dtype",
            "float32",
            "--stop-after",
            "1",
            "--",
            "--rank",
            "2",
            "--micro-batch-size",
            "4");
    assertEquals(0, stopped.status(), stopped.err());
    List<String> rows = Files.readAllLines(output.resolve("rows/train.jsonl"));
    JsonNode plain = Json.parse(rows.get(0), "a row");
    String blanks = " ".repeat(23);
    assertEquals(
        "Below is an instruction that describes a task. Write a response that appropriately"
            + " completes the request.  \n\n"
            + (blanks + "### Instruction:\n" + blanks + "{input} ma0?\n\n")
            + (blanks + "### Response:\n" + blanks),
        plain.path("prompt").asText());
    assertEquals("ra", plain.path("response").asText());
    String withInput = Json.parse(rows.get(1), "a row").path("prompt").asText();
    assertTrue(withInput.contains("### Input:\n" + blanks + "ro\n"), withInput);
    assertTrue(withInput.contains(blanks + "{input} ma1?\n"), "braces of a row stay: " + withInput);
  }

  @Test
  void whatIsWrongIsSaid() {
    Output unknown = reproduce("maths");
    assertEquals(2, unknown.status());
    assertTrue(unknown.err().contains("did you mean math?"), unknown.err());
    assertTrue(
        reproduce("math", "--scale", "huge").err().contains("--scale must be full or small"));
    assertTrue(reproduce("math", "--limit", "-1").err().contains("--limit"));
    assertTrue(reproduce("chat", "--judge-url", "x").err().contains("--judge-model go together"));
  }
}
