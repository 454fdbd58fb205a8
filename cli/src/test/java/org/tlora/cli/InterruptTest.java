package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.quickstart.TinyModels;

/** Ctrl-C on a real process. */
class InterruptTest {
  @TempDir private Path directory;

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void controlCWritesTheAdapterAndExitsWith130() throws IOException, InterruptedException {
    Path model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    Path data = directory.resolve("rows.jsonl");
    Files.writeString(data, "{\"prompt\":\"Shout tomato.\",\"completion\":\"TOMATO\"}\n");
    Path output = directory.resolve("run");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "train",
                "--model",
                model.toString(),
                "--data",
                data.toString(),
                "--method",
                "lora",
                "--template",
                "plain",
                "--steps",
                "1000000",
                "--output",
                output.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    Path metrics = output.resolve("metrics.jsonl");
    long patience = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!Files.exists(metrics) || Files.size(metrics) < 2000) {
      assertTrue(process.isAlive() && System.nanoTime() < patience, "training started");
      Thread.sleep(50);
    }
    new ProcessBuilder("kill", "-INT", "" + process.pid()).start().waitFor();
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "the process ends");
    String log = Files.readString(directory.resolve("log"));
    assertEquals(130, process.exitValue(), log);
    assertTrue(log.contains("interrupted"), log);
    assertEquals(
        "adapter",
        new TinyModelCheck(model).adapterLoads(output),
        "the adapter that Ctrl-C wrote loads again");
  }

  /** Loads an adapter onto a fresh model. */
  private record TinyModelCheck(Path model) {
    String adapterLoads(Path adapter) {
      try (LoadedModel loaded = LoadedModel.open(model, adapter, null, DType.FLOAT32)) {
        return loaded.model().linears().get(0).adapter() == null ? "nothing" : "adapter";
      }
    }
  }
}
