package org.tlora.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.train.StepMetrics;
import org.tlora.train.StepSeconds;
import org.tlora.train.TrainingListener;

/**
 * {@code metrics.jsonl}: one object a step, written through at once. Keeps them for the report, and
 * writes them again where the file is gone.
 */
public final class MetricsLog implements TrainingListener, AutoCloseable {
  private final Path file;
  private final List<String> lines = new ArrayList<>();
  private final List<StepMetrics> steps = new ArrayList<>();
  private final List<double[]> evaluations = new ArrayList<>();
  private FileChannel out;

  /**
   * Starts a new file.
   *
   * @throws RunFault if it cannot be written
   */
  public MetricsLog(Path file) {
    this(file, 0);
  }

  /**
   * Goes on after a step: what an interrupted run wrote of later ones is dropped.
   *
   * @param stepsTaken 0: starts a new file
   * @throws RunFault if it cannot be written
   */
  public MetricsLog(Path file, long stepsTaken) {
    this.file = file;
    if (stepsTaken > 0) {
      readUpTo(stepsTaken);
    }
    rewrite();
  }

  private void readUpTo(long stepsTaken) {
    if (!Files.exists(file)) {
      return; // the curve begins where the run goes on
    }
    try {
      // what a killed process left half-written may end within a character
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      text.lines().filter(line -> !line.isBlank()).forEach(line -> keep(line, stepsTaken));
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  private void keep(String line, long stepsTaken) {
    JsonNode node;
    try {
      node = Json.parse(line, file.toString());
    } catch (InputFault e) {
      return; // a line that a killed process left half-written
    }
    if (node.path("step").asLong(Long.MAX_VALUE) >= stepsTaken) {
      return;
    }
    lines.add(line);
    if (node.has("eval_loss")) {
      evaluations.add(
          new double[] {node.path("step").asDouble(), node.path("eval_loss").asDouble()});
    } else if (node.has("loss")) {
      JsonNode s = node.path("seconds");
      steps.add(
          new StepMetrics(
              node.path("step").asLong(),
              node.path("epoch").asDouble(),
              node.path("loss").asDouble(),
              node.path("penalty").asDouble(),
              node.path("learning_rate").asDouble(),
              node.path("grad_norm").asDouble(),
              node.path("tokens").asLong(),
              node.path("supervised_tokens").asLong(),
              node.path("tokens_per_second").asDouble(),
              new StepSeconds(
                  s.path("forward").asDouble(),
                  s.path("backward").asDouble(),
                  s.path("optimizer").asDouble()),
              node.path("peak_rss_bytes").asLong()));
    }
  }

  /**
   * Writes a new file with everything so far, also where somebody removed the directory. The old
   * one is there until the new one is whole: a process that is killed meanwhile loses no line.
   */
  private void rewrite() {
    try {
      if (out != null) {
        out.close();
      }
      AtomicFiles.writeText(file, lines.isEmpty() ? "" : String.join("\n", lines) + "\n");
      out = FileChannel.open(file, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }

  private RunFault cannotBeWritten(IOException e) {
    return new RunFault(file + " cannot be written: " + Json.reason(e), e);
  }

  private void append(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  @Override
  public void onStep(StepMetrics m, long totalSteps) {
    steps.add(m);
    ObjectNode line = Json.object();
    line.put("step", m.step()).put("epoch", m.epoch()).put("loss", m.loss());
    if (m.penalty() != 0) {
      line.put("penalty", m.penalty());
    }
    line.put("learning_rate", m.learningRate()).put("grad_norm", m.gradientNorm());
    line.put("tokens", m.tokens()).put("supervised_tokens", m.supervisedTokens());
    line.put("tokens_per_second", m.tokensPerSecond());
    line.put("peak_rss_bytes", m.peakRssBytes());
    line.putObject("seconds")
        .put("forward", m.seconds().forward())
        .put("backward", m.seconds().backward())
        .put("optimizer", m.seconds().optimizer());
    write(line);
  }

  @Override
  public void onSkippedStep(long step, String reason, String rows) {
    write(Json.object().put("step", step).put("skipped", reason).put("rows", rows));
  }

  @Override
  public void onEvaluation(long step, double loss) {
    evaluations.add(new double[] {step, loss});
    write(Json.object().put("step", step).put("eval_loss", loss));
  }

  private void write(ObjectNode line) {
    String text = Json.compact(line);
    lines.add(text);
    if (!Files.exists(file)) {
      rewrite();
      return;
    }
    try {
      append(text);
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }

  /** Makes sure that the lines are on the disk, for a checkpoint that relies on them. */
  public void sync() {
    try {
      out.force(false);
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }

  /** All steps so far. */
  public List<StepMetrics> steps() {
    return steps;
  }

  /** The loss at each step. */
  public Report.Series lossSeries(String name) {
    return new Report.Series(
        name,
        steps.stream().mapToDouble(StepMetrics::step).toArray(),
        steps.stream().mapToDouble(StepMetrics::loss).toArray());
  }

  /** The held-out loss where it was measured, or null if it never was. */
  public Report.Series heldOutSeries(String name) {
    if (evaluations.isEmpty()) {
      return null;
    }
    return new Report.Series(
        name,
        evaluations.stream().mapToDouble(e -> e[0]).toArray(),
        evaluations.stream().mapToDouble(e -> e[1]).toArray());
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }
}
