/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.checkpoint.OutputLock;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.engine.ProductKernels;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;
import org.tlora.testing.TakesLong;

/** Checkpoints through the command line: to the bit, whole or passed over, of the same run. */
class ResumeTest {
  private static final String[] OPTIONS = {
    "--steps", "20", "--dropout", "0.1", "--micro-batch-size", "2", "--calibration-samples", "4",
    "--held-out", "2", "--eval-every", "4", "--save-every", "6", "--keep", "9"
  };

  @TempDir private Path directory;
  private Path model;
  private Path data;

  @BeforeEach
  void prepare() throws IOException {
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    data = Commands.writeRows(directory.resolve("rows.jsonl"));
  }

  static List<String> methods() {
    return PeftMethods.names();
  }

  private Output train(Path output, String... more) {
    List<String> all = new ArrayList<>(List.of(OPTIONS));
    for (String option : more) {
      int before = all.indexOf(option);
      if (option.startsWith("--") && before >= 0) {
        all.subList(before, before + 2).clear(); // given anew
      }
    }
    all.addAll(List.of(more));
    return Commands.train(model, data, output, all.toArray(String[]::new));
  }

  /** A directory as a process that was killed after step 14 would have left it. */
  private Path killedAfter(Path whole, String checkpoint) throws IOException {
    Path killed = directory.resolve("killed-" + checkpoint);
    Runs.copy(
        whole.resolve("checkpoints/" + checkpoint), killed.resolve("checkpoints/" + checkpoint));
    List<String> lines = Files.readAllLines(whole.resolve("metrics.jsonl"));
    String kept = String.join("\n", lines.subList(0, 17));
    Files.writeString(killed.resolve("metrics.jsonl"), kept.substring(0, kept.length() - 20));
    Files.copy(whole.resolve("run.yaml"), killed.resolve("run.yaml"));
    return killed;
  }

  @ParameterizedTest
  @TakesLong
  @ValueSource(
      strings = {
        "--method lora --lora-fa --gradient-checkpointing",
        "--method eva --eva-whiten",
        "--method tlora --allocation marginal --whiten --scaling root",
        "--method lora --quantize nf4 --lora-start loftq"
      })
  void waysOfAMethodGoOnToTheBit(String options) throws IOException {
    Path whole = directory.resolve("whole");
    Output first = train(whole, options.split(" "));
    assertEquals(0, first.status(), first.err());
    Path killed = killedAfter(whole, "step-6");
    Output resumed = train(killed, (options + " --resume").split(" "));
    assertEquals(0, resumed.status(), resumed.err());
    assertEquals(Runs.weights(whole), Runs.weights(killed));
  }

  @ParameterizedTest
  @TakesLong
  @MethodSource("methods")
  void everyMethodGoesOnToTheBit(String method) throws IOException {
    Path whole = directory.resolve("whole");
    Output first = train(whole, "--method", method);
    assertEquals(0, first.status(), first.err());
    // AdaLoRA is in the middle of cutting its budget after step 6, and through with it after 18
    for (String checkpoint : List.of("step-6", "step-18")) {
      Path killed = killedAfter(whole, checkpoint);
      Output resumed = train(killed, "--method", method, "--resume");
      assertEquals(0, resumed.status(), resumed.err());
      assertTrue(resumed.err().contains("resumed after step " + checkpoint.substring(5)));
      assertEquals(Runs.weights(whole), Runs.weights(killed));
      int lost = checkpoint.equals("step-18") ? 6 : 0; // of those that the killed process wrote not
      List<?> expected = new ArrayList<>(Runs.metrics(whole));
      List<?> got = Runs.metrics(killed);
      assertEquals(expected.size() - got.size(), lost);
      assertEquals(
          expected.subList(expected.size() - 2, expected.size()),
          got.subList(got.size() - 2, got.size()));
      if (lost == 0) {
        assertEquals(expected, got);
      }
    }
  }

  /** Whatever has been measured to be faster since: another kernel would give other bits. */
  @TakesLong
  @Test
  void aResumedRunMultipliesAsItBegan() throws IOException {
    String shape = "7x7t7/9"; // of no product that there is
    ProductKernels.use(Map.of(shape, "onednn"));
    Path whole = directory.resolve("whole");
    assertEquals(0, train(whole, "--method", "lora").status());
    String state = Files.readString(whole.resolve("checkpoints/step-12/state.json"));
    assertTrue(state.contains("\"" + shape + "\" : \"onednn\""), state);
    ProductKernels.use(Map.of(shape, "blas"));
    Path killed = killedAfter(whole, "step-12");
    assertEquals(0, train(killed, "--method", "lora", "--resume").status());
    assertEquals("onednn", ProductKernels.inUse().get(shape));
  }

  @Test
  void aResumedRunNeedsNoOptionButItsOutput() throws IOException {
    Path whole = directory.resolve("whole");
    assertEquals(0, train(whole, "--method", "lora").status());
    Path killed = killedAfter(whole, "step-12");
    Output resumed = Commands.run("train", "--resume", "--output", killed.toString());
    assertEquals(0, resumed.status(), resumed.err());
    assertEquals(Runs.metrics(whole), Runs.metrics(killed));
    assertEquals(Runs.weights(whole), Runs.weights(killed));
    assertFalse(Files.readString(killed.resolve("run.yaml")).contains("resume"));
  }

  @Test
  void withoutACheckpointARunThatIsResumedStartsAnew() throws IOException {
    Path output = directory.resolve("run");
    Output run = train(output, "--method", "lora", "--resume");
    assertEquals(0, run.status(), run.err());
    assertEquals(20, Runs.metrics(output).stream().filter(m -> m.has("loss")).count());
  }

  /** A process that calibrates for long enough to be stopped meanwhile. */
  private Child calibrating(Path output, String log) throws IOException, InterruptedException {
    Path rows = directory.resolve("long.jsonl");
    String row = "{\"question\":\"" + "Shout tomato. ".repeat(6) + "\",\"answer\":\"TOMATO\"}\n";
    Files.writeString(rows, row.repeat(2048));
    List<String> arguments = new ArrayList<>(List.of("train", "--model", model.toString()));
    arguments.addAll(List.of("--data", rows.toString(), "--template", "plain", "--threads", "1"));
    arguments.addAll(List.of("--method", "tlora", "--rank", "3", "--steps", "2"));
    arguments.addAll(List.of("--calibration-samples", "2048"));
    arguments.addAll(List.of("--batch-size", "2", "--output", output.toString()));
    Child child = Child.start(directory.resolve(log), arguments);
    child.waitFor(
        "calibration begins",
        () -> {
          try {
            return child.log().contains("calibrating");
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    return child;
  }

  @ParameterizedTest
  @StartsProcess
  @ValueSource(booleans = {false, true})
  void aRunThatIsKilledWhileItCalibratesIsTheOneThatIsResumed(boolean afterAnotherRun)
      throws Exception {
    Path output = directory.resolve("run");
    if (afterAnotherRun) {
      assertEquals(0, Commands.train(model, data, output, "--method", "lora").status());
    }
    calibrating(output, "log").kill();
    Output resumed =
        Commands.run(
            "train", "--resume", "--output", output.toString(), "--calibration-samples", "2");
    assertEquals(0, resumed.status(), resumed.err());
    assertTrue(resumed.err().contains("tlora: "), resumed.err());
    assertTrue(resumed.err().contains("the run begins anew"), resumed.err());
    assertEquals(2, Runs.metrics(output).size(), "its steps, not those of the run before");
    assertTrue(Files.readString(output.resolve("run.yaml")).contains("rank: 3"));
  }

  @Test
  @StartsProcess
  void aRunThatIsStoppedWhileItCalibratesCanBeResumed() throws Exception {
    Path output = directory.resolve("run");
    Child child = calibrating(output, "log");
    child.signal("TERM");
    child.status();
    assertTrue(child.log().contains("interrupted while calibrating"), child.log());
    Output resumed =
        Commands.run(
            "train", "--resume", "--output", output.toString(), "--calibration-samples", "2");
    assertEquals(0, resumed.status(), resumed.err());
    assertEquals(2, Runs.metrics(output).size());
  }

  @Test
  void aRunThatIsRefusedLeavesTheOptionsOfTheOneBefore() throws IOException {
    Path output = directory.resolve("run");
    String[] absent = {"--init-adapter", directory.resolve("absent").toString()};
    assertEquals(3, Commands.train(model, data, output, absent).status());
    assertFalse(Files.exists(output.resolve("run.yaml")));
    assertEquals(0, Commands.train(model, data, output, "--method", "lora").status());
    String before = Files.readString(output.resolve("run.yaml"));
    assertEquals(3, Commands.train(model, data, output, absent).status());
    assertEquals(2, Commands.train(model, data, output, "--target-modules", "none").status());
    assertEquals(3, Commands.train(model, directory.resolve("no"), output).status());
    assertEquals(before, Files.readString(output.resolve("run.yaml")));
  }

  @Test
  void aCheckpointIsAnAdapterAndTheOldestGo() throws IOException {
    Path output = directory.resolve("run");
    Output run = train(output, "--method", "tlora", "--keep", "2");
    assertEquals(0, run.status(), run.err());
    Path checkpoints = output.resolve("checkpoints");
    assertEquals(List.of("step-12", "step-18"), Runs.names(checkpoints));
    Output generated =
        Commands.run(
            "generate",
            "--model",
            model.toString(),
            "--adapter",
            checkpoints.resolve("step-18").toString(),
            "--prompt-ids",
            "5,6,7",
            "--max-new-tokens",
            "2",
            "--greedy",
            "--json");
    assertEquals(0, generated.status(), generated.err());
    Output seen = Commands.run("inspect", "--json", checkpoints.resolve("step-18").toString());
    assertEquals(0, seen.status(), seen.err());
    assertTrue(seen.out().contains("\"kind\" : \"checkpoint\""), seen.out());
    assertTrue(seen.out().contains("\"steps\" : 18"), seen.out());
  }

  @ParameterizedTest
  @TakesLong
  @ValueSource(strings = {"flipped", "short", "missing", "manifest"})
  void aDamagedCheckpointIsNamedAndPassedOver(String damage) throws IOException {
    Path whole = directory.resolve("whole");
    assertEquals(0, train(whole, "--method", "lora").status());
    Path damaged = directory.resolve("damaged");
    Runs.copy(whole, damaged);
    Path newest = damaged.resolve("checkpoints/step-18");
    Path file = newest.resolve("optimizer.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    switch (damage) {
      case "flipped" -> {
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
      case "short" -> Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 1));
      case "missing" -> Files.delete(file);
      default -> Files.writeString(newest.resolve("manifest.json"), "{\"version\":1,");
    }
    Output resumed = train(damaged, "--method", "lora", "--resume");
    assertEquals(0, resumed.status(), resumed.err());
    assertTrue(resumed.err().contains("passed over"), resumed.err());
    assertTrue(resumed.err().contains("step-18"), resumed.err());
    assertTrue(resumed.err().contains("resumed after step 12"), resumed.err());
    assertEquals(Runs.weights(whole), Runs.weights(damaged));
    assertEquals(Runs.metrics(whole), Runs.metrics(damaged));
  }

  @Test
  void aChangedRunIsRefusedWithWhatChanged() throws IOException {
    Path output = directory.resolve("run");
    assertEquals(0, train(output, "--method", "lora").status());
    Output refused = train(output, "--method", "lora", "--resume", "--learning-rate", "1e-4");
    assertEquals(2, refused.status(), refused.err());
    assertTrue(refused.err().contains("learningRate=0.005"), refused.err());
    assertTrue(refused.err().contains("learningRate=1.0E-4"), refused.err());
    assertEquals(1, refused.err().lines().filter(l -> l.startsWith("tlora:")).count());

    String rows = Files.readString(data);
    Files.writeString(data, rows.replace("melon", "mango"));
    refused = train(output, "--method", "lora", "--resume");
    assertEquals(2, refused.status(), refused.err());
    assertTrue(refused.err().contains("rows to train on was 4 with digest"), refused.err());
    assertFalse(refused.err().contains("learningRate"), refused.err());

    Output anyway = train(output, "--method", "lora", "--resume-anyway");
    assertEquals(0, anyway.status(), anyway.err());
    assertTrue(anyway.err().contains("goes on although rows to train on was"), anyway.err());

    Files.writeString(data, rows);
    Path weights = model.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 2] ^= 1;
    Files.write(weights, bytes);
    refused = train(output, "--method", "lora", "--resume");
    assertEquals(2, refused.status(), refused.err());
    assertTrue(refused.err().contains("model contents was"), refused.err());
  }

  @Test
  void checkpointsOfAnEarlierRunAreNotMixedWithThoseOfANewOne() {
    Path output = directory.resolve("run");
    assertEquals(0, train(output, "--method", "lora").status());
    Output again = train(output, "--method", "lora");
    assertEquals(2, again.status(), again.err());
    assertTrue(again.err().contains("--resume"), again.err());
  }

  @Test
  void aSecondRunOnTheSameOutputIsRefused() throws IOException {
    Path output = Files.createDirectories(directory.resolve("run"));
    try (OutputLock lock = OutputLock.of(output)) {
      Output second = train(output, "--method", "lora");
      assertEquals(4, second.status(), second.err());
      assertTrue(second.err().contains("is being written to by"), second.err());
    }
    assertEquals(0, train(output, "--method", "lora").status(), "free again");
  }
}
