/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.cli.Commands.run;
import static org.tlora.cli.Commands.train;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;

/** Data of other kinds than JSONL, and models for other programs, through the command line. */
class DataOptionsTest {
  @TempDir private static Path shared;
  private static Path model;
  private static Path rows;
  @TempDir private Path directory;

  @BeforeAll
  static void unpackModelAndWriteData() throws IOException {
    model = shared.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    rows = Commands.writeRows(shared.resolve("rows.jsonl"));
  }

  @Test
  void csvByAPatternWithWeightsAndAValidationShare() throws IOException {
    StringBuilder csv = new StringBuilder("ask,say\n");
    for (int i = 0; i < 10; i++) {
      csv.append("Shout w").append(i).append(" backwards.,\"W, ").append(i).append("\"\n");
    }
    Files.writeString(directory.resolve("part.csv"), csv.toString());
    Path output = directory.resolve("run");
    Output result =
        train(
            model,
            Path.of(directory + "/*.csv@2"),
            output,
            "--prompt-field",
            "ask",
            "--response-field",
            "say",
            "--validation-share",
            "0.25");
    assertEquals(0, result.status(), result.err());
    assertTrue(result.err().contains("20 rows as fields"), result.err());
    List<String> metrics = Files.readAllLines(output.resolve("metrics.jsonl"));
    JsonNode last = Json.parse(metrics.get(metrics.size() - 1), "metrics");
    assertTrue(last.path("eval_loss").asDouble() > 0, last.toString());
  }

  @Test
  void badRowsStopARunOrAreCountedAndNamed() throws IOException {
    Path data = directory.resolve("rows.jsonl");
    Files.writeString(
        data, Files.readString(rows) + "nonsense\n{\"question\":\"without an answer\"}\n");
    Output mistyped = train(model, data, directory.resolve("a"), "--data", "x", "--max-len", "3");
    assertEquals(2, mistyped.status());
    assertTrue(mistyped.err().contains("--max-len is unknown"), mistyped.err());
    Output fails = train(model, data, directory.resolve("a"));
    assertEquals(3, fails.status());
    assertTrue(fails.err().contains(data + ", row 7"), fails.err());
    Output skips = train(model, data, directory.resolve("b"), "--on-bad-row", "skip");
    assertEquals(0, skips.status(), skips.err());
    assertTrue(skips.err().contains("6 rows as question-answer"), skips.err());
    assertTrue(skips.err().contains("2 could not be read and were skipped"), skips.err());
    assertTrue(skips.err().contains("row 8: field 'answer' is missing"), skips.err());
    assertEquals(2, train(model, data, directory.resolve("c"), "--on-bad-row", "x").status());
    assertEquals(2, train(model, data, directory.resolve("c"), "--validation-share", "1").status());
  }

  @Test
  void conversationsNeedAChatTemplate() throws IOException {
    Path data = directory.resolve("talk.jsonl");
    Files.writeString(
        data,
        "{\"conversations\":[{\"from\":\"human\",\"value\":\"hi\"},"
            + "{\"from\":\"gpt\",\"value\":\"ho\"}]}\n");
    Output result = train(model, data, directory.resolve("a"));
    assertEquals(3, result.status());
    assertTrue(result.err().contains("row 1: conversations need a chat template"), result.err());
    Files.writeString(
        model.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
    try {
      Output trained = train(model, data, directory.resolve("b"));
      assertEquals(0, trained.status(), trained.err());
      assertTrue(trained.err().contains("1 rows as sharegpt"), trained.err());
      Output chat = train(model, rows, directory.resolve("c"), "--template", "chat");
      assertEquals(0, chat.status(), chat.err());
    } finally {
      Files.delete(model.resolve("chat_template.jinja"));
    }
  }

  @Test
  void anAdapterAndItsModelAreWrittenForOthers() throws IOException {
    Path adapter = directory.resolve("adapter");
    assertEquals(0, train(model, rows, adapter, "--method", "tlora").status());
    Path uniform = directory.resolve("uniform");
    assertEquals(0, export(adapter, "uniform-lora", uniform).status());
    JsonNode config = Json.readObject(uniform.resolve("adapter_config.json"));
    assertEquals(config.path("r"), config.path("lora_alpha"));
    assertTrue(config.path("rank_pattern").isMissingNode());
    assertEquals(logits(model, adapter), logits(model, uniform), "the same model");
    Path shards = directory.resolve("merged");
    Output merged =
        run(
            "merge",
            "--model",
            model.toString(),
            "--adapter",
            adapter.toString(),
            "--dtype",
            "float32",
            "--shard-size",
            "1M",
            "--output",
            shards.toString());
    assertEquals(0, merged.status(), merged.err());
    assertTrue(Files.exists(shards.resolve("model.safetensors.index.json")));
    assertEquals(logits(model, adapter), logits(shards, null), "the same model in shards");
    assertEquals(2, export(adapter, "nothing", directory.resolve("x")).status());
    Output without =
        run("export", "--model", model.toString(), "--to", "gguf-lora", "--output", "x.gguf");
    assertEquals(2, without.status(), without.err());
  }

  private static Output export(Path adapter, String to, Path output) {
    return run(
        "export",
        "--model",
        model.toString(),
        "--adapter",
        adapter.toString(),
        "--to",
        to,
        "--output",
        output.toString());
  }

  /** The first logits behind a prompt, to three decimals. */
  private static String logits(Path model, Path adapter) {
    List<String> arguments =
        new java.util.ArrayList<>(
            List.of("generate", "--model", model.toString(), "--prompt-ids", "5,9,12", "--json"));
    arguments.addAll(List.of("--max-new-tokens", "0", "--logits", "--dtype", "float32"));
    if (adapter != null) {
      arguments.addAll(List.of("--adapter", adapter.toString()));
    }
    Output result = run(arguments.toArray(String[]::new));
    assertEquals(0, result.status(), result.err());
    StringBuilder text = new StringBuilder();
    JsonNode logits = Json.parse(result.out(), "output").path("last_logits");
    for (int i = 0; i < 20; i++) {
      text.append(Math.round(logits.get(i).asDouble() * 1000)).append(' ');
    }
    return text.toString();
  }
}
