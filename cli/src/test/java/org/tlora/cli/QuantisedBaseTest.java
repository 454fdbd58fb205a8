/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.TakesLong;

/** Training on a base in few bits, and what comes of it, through the commands. */
class QuantisedBaseTest {
  @TempDir private Path directory;
  private Path model;
  private Path data;

  @BeforeEach
  void unpackModelAndWriteData() throws IOException {
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    data = Commands.writeRows(directory.resolve("rows.jsonl"));
  }

  private Output train(Path base, Path output, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--model", base.toString(), "--data", data.toString()));
    arguments.addAll(List.of("--template", "plain", "--dtype", "float32", "--steps", "6"));
    arguments.addAll(List.of("--batch-size", "2", "--calibration-samples", "3"));
    arguments.addAll(List.of("--output", output.toString()));
    arguments.addAll(Arrays.asList(more));
    return Commands.run(arguments.toArray(String[]::new));
  }

  private static Output said(String... arguments) {
    Output result = Commands.run(arguments);
    assertEquals(0, result.status(), result.err());
    return result;
  }

  @ParameterizedTest
  @TakesLong
  @CsvSource({"nf4, tlora, nf4", "int8, lora, int8", "q8_0, dora, Q8_0"})
  void anAdapterSaysWhatItsBaseWasRoundedTo(String form, String method, String code) {
    Path output = directory.resolve("out");
    Output trained = train(model, output, "--quantize", form, "--method", method);
    assertEquals(0, trained.status(), trained.err());
    String held = said("inspect", "--json", output.toString()).out();
    assertTrue(held.contains("\"base_rounded_to\" : \"" + code + "\""), held);
    Path merged = directory.resolve("merged");
    Output merging =
        said(
            "merge",
            "--model",
            model.toString(),
            "--adapter",
            output.toString(),
            "--output",
            merged.toString());
    assertTrue(merging.err().contains("was trained on a base rounded to " + code));
    Output same =
        said(
            "generate",
            "--model",
            model.toString(),
            "--adapter",
            output.toString(),
            "--quantize",
            form,
            "--prompt-ids",
            "1,5,9",
            "--max-new-tokens",
            "4",
            "--greedy",
            "--json");
    assertFalse(same.err().contains("was trained on a base rounded"), same.err());
  }

  private Path inBlocks() {
    Path file = directory.resolve("model.gguf");
    said(
        "export",
        "--model",
        model.toString(),
        "--to",
        "gguf",
        "--type",
        "Q8_0",
        "--output",
        file.toString());
    return file;
  }

  @Test
  @TakesLong
  void anAdapterSaysThatCodesOfItsBaseWereRoundedAnew() {
    Path blocks = inBlocks();
    Path output = directory.resolve("out");
    Output trained = train(blocks, output, "--quantize", "nf4", "--method", "lora");
    assertEquals(0, trained.status(), trained.err());
    String held = said("inspect", "--json", output.toString()).out();
    assertTrue(held.contains("\"base_rounded_to\" : \"nf4\""), held);
    Path asStored = directory.resolve("as-stored");
    assertEquals(0, train(blocks, asStored, "--method", "lora").status());
    String whole = said("inspect", "--json", asStored.toString()).out();
    assertFalse(whole.contains("base_rounded_to"), whole);
  }

  private static String logits(Path base, String... more) {
    List<String> arguments = new ArrayList<>(List.of("generate", "--model", base.toString()));
    arguments.addAll(List.of("--dtype", "float32", "--prompt-ids", "1,5,9", "--logits"));
    arguments.addAll(List.of("--max-new-tokens", "8", "--greedy", "--json"));
    arguments.addAll(Arrays.asList(more));
    return said(arguments.toArray(String[]::new)).out();
  }

  @ParameterizedTest
  @TakesLong
  @ValueSource(strings = {"loftq", "cloq"})
  void whatMakesUpForRoundingIsMergedOntoTheRoundedBase(String start) throws IOException {
    Path output = directory.resolve("out");
    Output trained =
        train(model, output, "--quantize", "nf4", "--method", "lora", "--lora-start", start);
    assertEquals(0, trained.status(), trained.err());
    Path merged = directory.resolve("merged");
    said(
        "merge",
        "--model",
        model.toString(),
        "--adapter",
        output.toString(),
        "--quantize",
        "nf4",
        "--dtype",
        "float32",
        "--output",
        merged.toString());
    var apart =
        Json.parseObject(
            logits(model, "--adapter", output.toString(), "--quantize", "nf4"), "apart");
    var whole = Json.parseObject(logits(merged), "whole");
    assertEquals(apart.path("generated_ids"), whole.path("generated_ids"));
    for (int i = 0; i < apart.path("last_logits").size(); i++) {
      double want = apart.path("last_logits").path(i).asDouble();
      assertEquals(want, whole.path("last_logits").path(i).asDouble(), 1e-3, "logit " + i);
    }
    Output exact = train(model, directory.resolve("b"), "--method", "lora", "--lora-start", start);
    assertEquals(2, exact.status(), exact.err());
    assertTrue(exact.err().contains("add --quantize"), exact.err());
  }

  @Test
  @TakesLong
  void blocksOfAFileTrainAsTheNumbersThatTheyStandFor() throws IOException {
    Path file = inBlocks();
    Path stored = directory.resolve("stored");
    Path dense = directory.resolve("dense");
    Output first = train(file, stored, "--method", "lora");
    assertEquals(0, first.status(), first.err());
    Output second = train(file, dense, "--method", "lora", "--base-weights", "dense");
    assertEquals(0, second.status(), second.err());
    var ofBlocks = Runs.metrics(stored);
    var ofNumbers = Runs.metrics(dense);
    assertEquals(6, ofBlocks.stream().filter(s -> s.has("loss")).count());
    for (int i = 0; i < ofBlocks.size(); i++) {
      if (ofBlocks.get(i).has("loss")) {
        assertEquals(
            ofNumbers.get(i).path("loss").asDouble(),
            ofBlocks.get(i).path("loss").asDouble(),
            1e-5);
      }
    }
    assertTrue(
        Files.readString(stored.resolve("run.yaml")).contains("base-weights: \"as-stored\""));
    Output full = train(file, directory.resolve("full"), "--method", "full");
    assertEquals(0, full.status(), full.err());
  }

  @Test
  void whatCannotBeIsSaid() {
    Output full = train(model, directory.resolve("a"), "--quantize", "nf4", "--method", "full");
    assertEquals(2, full.status());
    assertTrue(full.err().contains("--quantize nf4 does not go with --method full"));
    Output unknown = train(model, directory.resolve("b"), "--quantize", "q3");
    assertEquals(2, unknown.status());
    assertTrue(unknown.err().contains("--quantize must be one of nf4, fp4, int8, q4_0, q8_0"));
    Output both = train(model, directory.resolve("c"), "--quantize", "nf4", "--weights", "int8");
    assertEquals(2, both.status());
    assertTrue(both.err().contains("--weights int8 does not go with --quantize nf4"));
  }
}
