/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.loading.LoadedModel;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;

/** Signals to a real process. */
@StartsProcess
@DisabledOnOs(OS.WINDOWS)
class InterruptTest {
  @TempDir private Path directory;
  private Path model;
  private Path output;

  @BeforeEach
  void prepare() {
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    output = directory.resolve("run");
  }

  private Child train(String... more) throws IOException {
    Path data = Commands.writeRows(directory.resolve("rows.jsonl"));
    List<String> arguments = new ArrayList<>(List.of("train", "--model", model.toString()));
    arguments.addAll(List.of("--data", data.toString(), "--template", "plain"));
    arguments.addAll(List.of("--threads", "1", "--output", output.toString()));
    arguments.addAll(List.of(more));
    // whoever starts the tests in the background has them ignore Ctrl-C, and their children too
    List<String> before =
        OS.LINUX.isCurrentOs() ? List.of("env", "--default-signal=INT") : List.of();
    return Child.start(before, directory.resolve("log"), arguments);
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143"})
  void aSignalSavesTheRunAndGivesItsStatus(String signal, int status) throws Exception {
    Child child = train("--method", "lora", "--steps", "1000000");
    child.waitForBytes(output.resolve("metrics.jsonl"), 2000);
    child.signal(signal);
    assertEquals(status, child.status(), child.log());
    assertTrue(child.log().contains("interrupted"), child.log());
    try (LoadedModel loaded =
        LoadedModel.open(model, output, null, LoadedModel.Form.EXACT, note -> {})) {
      assertTrue(!loaded.adapters().isEmpty(), "the adapter loads again");
    }
    long steps = Files.readAllLines(output.resolve("metrics.jsonl")).size();
    assertEquals(List.of("step-" + steps), Runs.names(output.resolve("checkpoints")));
    Output resumed =
        Commands.run(
            "train", "--resume-anyway", "--output", output.toString(), "--steps", "" + (steps + 2));
    assertEquals(0, resumed.status(), resumed.err());
    assertTrue(resumed.err().contains("resumed after step " + steps), resumed.err());
    assertEquals(steps + 2, Runs.metrics(output).size());
  }

  @Test
  void aSignalWhileCalibratingEndsTheRun() throws Exception {
    Child child =
        train(
            "--method",
            "tlora",
            "--epochs",
            "3",
            "--calibration-samples",
            "2048",
            "--data",
            longData().toString());
    child.waitFor("calibration begins", () -> logged(child).contains("calibrating"));
    child.signal("TERM");
    assertEquals(143, child.status(), child.log());
    assertTrue(child.log().contains("interrupted while calibrating"), child.log());
  }

  private static String logged(Child child) {
    try {
      return child.log();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Rows that take a while to calibrate on. */
  private Path longData() throws IOException {
    String row = "{\"question\":\"" + "Shout tomato. ".repeat(6) + "\",\"answer\":\"TOMATO\"}\n";
    return Files.writeString(directory.resolve("long.jsonl"), row.repeat(2048));
  }
}
