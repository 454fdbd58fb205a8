/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.LanguageModel;
import org.tlora.Method;
import org.tlora.TrainingRun;
import org.tlora.Tuning;
import org.tlora.TuningBuilder;
import org.tlora.engine.DType;
import org.tlora.peft.method.LoraPlus;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;

/** What a program began, the command line goes on with: run.yaml says all that it needs. */
class ResumeOfAProgramTest {
  private static final String WEIGHTS = "adapter_model.safetensors";

  @TempDir private Path directory;

  private TuningBuilder tuning(Path data, String output) {
    return Tuning.builder()
        .method(Method.loraPlus().with(LoraPlus.RATIO, 4.0))
        .data(data.toString())
        .template("plain")
        .targetModules("q_proj", "v_proj")
        .rank(2)
        .steps(60)
        .batchSize(2)
        .shuffle(false)
        .dtype("float32")
        .output(directory.resolve(output));
  }

  @Test
  void theCommandLineGoesOnToTheSameBytes() throws IOException, InterruptedException {
    Path model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    Path data = directory.resolve("a file: \"rows\".jsonl");
    StringBuilder rows = new StringBuilder();
    for (String word : new String[] {"lan", "nike", "bo"}) {
      rows.append("{\"instruction\": \"Double " + word + ".\", \"response\": \"" + word + "\"}\n");
    }
    Files.writeString(data, rows);
    CountDownLatch begun = new CountDownLatch(1);
    RunListener look =
        new RunListener() {
          @Override
          public void step(StepReport report) {
            begun.countDown();
          }
        };
    try (LanguageModel opened = LanguageModel.of(model.toString()).open()) {
      opened.train(tuning(data, "whole").build()).join();
      TrainingRun run = opened.train(tuning(data, "parts").listeners(look).build());
      begun.await();
      run.stop();
      assertTrue(run.join().interrupted());
    }
    Path parts = directory.resolve("parts");
    Commands.Output output = Commands.run("train", "--resume", "--output", parts.toString());
    assertEquals(0, output.status(), output.err());
    assertFalse(output.err().contains("begins anew"), output.err());
    assertArrayEquals(
        Files.readAllBytes(directory.resolve("whole").resolve(WEIGHTS)),
        Files.readAllBytes(parts.resolve(WEIGHTS)));
  }
}
