/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.testing.TakesLong;

/** A model that is written in fewer bits says what that costs. */
class ExportCostTest {
  private static final Pattern COST =
      Pattern.compile(
          "loss of (\\d+) rows: ([\\d.]+) before rounding, ([\\d.]+) as Q4_0 \\(([+-][\\d.]+) %\\);"
              + " the adapter had brought it from ([\\d.]+), and rounding takes (-?[\\d.]+) %");

  @TempDir private Path directory;

  private static Output export(SmallJob job, Path adapter, String type, String... more) {
    List<String> command = job.run("export", "--adapter", adapter.toString(), "--to", "gguf");
    command.removeAll(List.of("--dtype", "float32", "--group-timeout", "5"));
    command.addAll(List.of("--type", type, "--output", adapter.resolve("m.gguf").toString()));
    command.addAll(List.of(more));
    return Commands.run(command.toArray(String[]::new));
  }

  /** The losses are those of the run's own evaluation, and of one on the file that was written. */
  @Test
  @TakesLong
  void roundingIsMeasuredOnTheRowsOfTheAdaptersRun() throws IOException {
    SmallJob job = SmallJob.in(directory);
    Path out = directory.resolve("out");
    Output trained =
        Commands.runWith(
            job.train("out", "--steps", "30", "--batch-size", "4"),
            "--learning-rate",
            "2e-2",
            "--eval-data",
            job.data().toString());
    assertEquals(0, trained.status(), trained.err());
    Output written = export(job, out, "Q4_0");
    assertEquals(0, written.status(), written.err());
    Matcher cost = COST.matcher(written.err());
    assertTrue(cost.find(), written.err());
    double before = Double.parseDouble(cost.group(2));
    double after = Double.parseDouble(cost.group(3));
    double base = Double.parseDouble(cost.group(5));
    assertEquals(lastEvaluation(out), before, 2e-4);
    Path again = directory.resolve("again");
    Output onTheFile =
        Commands.runWith(
            job.train("again", "--steps", "1", "--learning-rate", "1e-30"),
            "--model",
            out.resolve("m.gguf").toString(),
            "--eval-data",
            job.data().toString());
    assertEquals(0, onTheFile.status(), onTheFile.err());
    assertEquals(lastEvaluation(again), after, 2e-4);
    assertTrue(base > before, written.err());
    assertEquals(100 * (after - before) / before, Double.parseDouble(cost.group(4)), 0.02);
    assertEquals(100 * (after - before) / (base - before), Double.parseDouble(cost.group(6)), 0.2);
    assertEquals(after > 1.01 * before, written.err().contains("warning: rounding"), written.err());

    Output exact = export(job, out, "F16");
    assertEquals(0, exact.status(), exact.err());
    assertFalse(exact.err().contains("loss of"), exact.err());
    Output others = export(job, out, "Q8_0", "--data", job.data() + "", "--template", "alpaca");
    assertTrue(others.err().contains(" as Q8_0 ("), others.err());

    Files.delete(job.data());
    Output away = export(job, out, "Q8_0");
    assertEquals(0, away.status(), away.err());
    assertTrue(away.err().contains("rows.jsonl"), away.err());
    assertTrue(away.err().contains("what rounding costs is not measured"), away.err());
  }

  private static double lastEvaluation(Path out) throws IOException {
    double loss = Double.NaN;
    for (ObjectNode line : Runs.metrics(out)) {
      loss = line.path("eval_loss").asDouble(loss);
    }
    return loss;
  }

  @Test
  void rowsThatNothingIsMeasuredOnAreRefused() throws IOException {
    SmallJob job = SmallJob.in(directory);
    Output refused = export(job, directory, "F16", "--data", job.data().toString());
    assertEquals(2, refused.status(), refused.err());
    assertTrue(refused.err().contains("fewer than 16 bits"), refused.err());
  }
}
