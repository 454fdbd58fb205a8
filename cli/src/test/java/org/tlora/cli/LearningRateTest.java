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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;
import org.tlora.testing.TakesLong;

/** {@code --learning-rate auto}: what a range test finds, and that it leaves no trace. */
@TakesLong
class LearningRateTest {
  @TempDir private Path directory;
  private Path model;
  private Path data;

  @BeforeEach
  void prepare() throws IOException {
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    data = directory.resolve("rows.jsonl");
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      String word = "w" + (char) ('a' + i) + (char) ('a' + (7 * i) % 26);
      ObjectNode row =
          Json.object().put("instruction", "Double " + word).put("output", word + word);
      rows.append(Json.compact(row)).append('\n');
    }
    Files.writeString(data, rows.toString());
  }

  private Commands.Output train(String output, String... more) {
    return Commands.train(model, data, directory.resolve(output), more);
  }

  private ObjectNode found(String output) {
    return Json.readObject(directory.resolve(output).resolve("learning-rate.json"));
  }

  /** All that the run has left but the clock's and what the test itself writes. */
  private Map<String, Object> left(String output) throws IOException {
    Path path = directory.resolve(output);
    Map<String, Object> all = new TreeMap<>(Runs.weights(path));
    all.put("metrics", Runs.metrics(path));
    all.put(
        "yaml",
        Files.readString(path.resolve("run.yaml")).replaceAll("(?m)^output:.*$", "output:"));
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"tlora", "adalora", "full"})
  void aRunAtTheRateThatWasFoundHasTheSameBits(String method) throws IOException {
    String[] both = {"--method", method, "--dropout", method.equals("full") ? "0" : "0.2"};
    String[] auto = with(both, "--learning-rate", "auto", "--weight-decay", "0.1");
    Commands.Output said = train("auto", auto);
    assertEquals(0, said.status(), said.err());
    double rate = found("auto").path("learning_rate").asDouble();
    assertTrue(said.err().contains("learning rate " + rate + ": "), said.err());
    Commands.Output again =
        train("same", with(both, "--learning-rate", "" + rate, "--weight-decay", "0.1"));
    assertEquals(0, again.status(), again.err());
    assertEquals(left("same"), left("auto"));
    assertFalse(Files.exists(directory.resolve("same/learning-rate.json")));
    String yaml = Files.readString(directory.resolve("auto/run.yaml"));
    assertTrue(yaml.contains("\nlearning-rate: " + rate + "\n"), yaml);
  }

  private static String[] with(String[] some, String... more) {
    String[] all = java.util.Arrays.copyOf(some, some.length + more.length);
    System.arraycopy(more, 0, all, some.length, more.length);
    return all;
  }

  @Test
  void theCurveIsKept() {
    assertEquals(0, train("auto", "--learning-rate", "auto").status());
    ObjectNode kept = found("auto");
    int steps = kept.path("rates").size();
    assertEquals(steps, kept.path("losses").size());
    assertEquals(steps, kept.path("smoothed_losses").size());
    assertEquals(1e-6, kept.at("/rates/0").asDouble());
    assertEquals(3, kept.path("batch_size").asInt());
    assertTrue(kept.path("clear").isBoolean() && kept.path("why").isTextual());
  }

  @Test
  void aRunThatGoesOnDoesNotLookAgain() throws IOException {
    Commands.Output whole = train("whole", "--learning-rate", "auto", "--save-every", "3");
    assertEquals(0, whole.status(), whole.err());
    Map<String, Object> before = left("whole");
    // by run.yaml, and where auto is said again
    for (String[] options :
        new String[][] {
          {"train", "--resume", "--output", directory.resolve("whole").toString()},
          {
            "train",
            "--resume",
            "--learning-rate",
            "auto",
            "--output",
            directory.resolve("whole").toString()
          }
        }) {
      Commands.Output resumed = Commands.run(options);
      assertEquals(0, resumed.status(), resumed.err());
      assertTrue(resumed.err().contains("resumed after step 3"), resumed.err());
      assertFalse(resumed.err().contains("learning rate auto"), resumed.err());
      assertEquals(before, left("whole"));
    }
    Files.delete(directory.resolve("whole/learning-rate.json"));
    Commands.Output lost =
        Commands.run(
            "train",
            "--resume",
            "--learning-rate",
            "auto",
            "--output",
            directory.resolve("whole").toString());
    assertEquals(2, lost.status(), lost.err());
    assertTrue(lost.err().contains("name the rate"), lost.err());
  }

  @Test
  void aComparisonFindsOneForEachMethod() throws IOException {
    Path output = directory.resolve("table");
    Commands.Output said =
        Commands.run(
            "compare",
            "--model",
            model.toString(),
            "--data",
            data.toString(),
            "--methods",
            "lora,tlora",
            "--rank",
            "4",
            "--steps",
            "2",
            "--batch-size",
            "2",
            "--calibration-samples",
            "16",
            "--learning-rate",
            "auto",
            "--output",
            output.toString());
    assertEquals(0, said.status(), said.err());
    for (String run : List.of("lora", "tlora")) {
      double rate = found("table/" + run).path("learning_rate").asDouble();
      assertTrue(rate > 0, run);
      double trained = Runs.metrics(output.resolve(run)).get(1).path("learning_rate").asDouble();
      assertTrue(trained > 0 && trained <= rate, run + ": " + trained + " of " + rate);
    }
  }

  @Test
  @StartsProcess
  @EnabledOnOs(OS.LINUX)
  void processesFindTheSameRateTogether() throws Exception {
    for (String rate : new String[] {"auto", null}) {
      String output = rate == null ? "same" : rate;
      String said = rate == null ? found("auto").path("learning_rate").asText() : rate;
      List<String> launch = new ArrayList<>(List.of("launch", "--processes", "2", "--", "train"));
      launch.addAll(List.of("--model", model.toString(), "--data", data.toString()));
      launch.addAll(List.of("--method", "lora", "--rank", "4", "--dropout", "0.2", "--zero", "2"));
      launch.addAll(List.of("--steps", "4", "--batch-size", "4", "--learning-rate", said));
      launch.addAll(List.of("--output", directory.resolve(output).toString()));
      Child both = Child.start(directory.resolve("log-" + output), launch);
      assertEquals(0, both.status(), both.log());
      assertEquals(rate != null, both.log().contains("learning rate auto"), both.log());
    }
    assertEquals(left("same"), left("auto"));
  }

  @Test
  void aFileMaySayIt() throws IOException {
    Path file = Files.writeString(directory.resolve("job.yaml"), "learning-rate: auto\n");
    Commands.Output said =
        Commands.run(
            "train",
            "--config",
            file.toString(),
            "--model",
            model.toString(),
            "--data",
            data.toString(),
            "--steps",
            "2",
            "--output",
            directory.resolve("by-file").toString());
    assertEquals(0, said.status(), said.err());
    assertTrue(found("by-file").path("learning_rate").asDouble() > 0);
  }

  @Test
  void whatCannotBeIsRefused() throws IOException {
    Commands.Output word = train("out", "--learning-rate", "best");
    assertEquals(2, word.status());
    assertTrue(word.err().contains("must be auto or a number"), word.err());
    assertEquals(2, train("out", "--learning-rate", "NaN").status());
    Files.write(data, Files.readAllLines(data).subList(0, 15));
    Commands.Output few = train("out", "--learning-rate", "auto");
    assertEquals(2, few.status(), few.err());
    assertTrue(few.err().contains("needs 16 rows to train on, and there are 15"), few.err());
    assertFalse(Files.exists(directory.resolve("out/run.yaml")));
  }
}
