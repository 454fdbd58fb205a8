package org.tlora.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.train.StepMetrics;
import org.tlora.train.TrainingListener;

/** {@code metrics.jsonl}: one object a step, written through at once. Keeps them for the report. */
public final class MetricsLog implements TrainingListener, AutoCloseable {
  private final Path file;
  private final BufferedWriter out;
  private final List<StepMetrics> steps = new ArrayList<>();
  private final List<double[]> evaluations = new ArrayList<>();

  /**
   * Starts a new file.
   *
   * @throws RunFault if it cannot be written
   */
  public MetricsLog(Path file) {
    this.file = file;
    try {
      out = Files.newBufferedWriter(file);
    } catch (IOException e) {
      throw new RunFault(file + " cannot be written: " + Json.reason(e), e);
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
  public void onEvaluation(long step, double loss) {
    evaluations.add(new double[] {step, loss});
    write(Json.object().put("step", step).put("eval_loss", loss));
  }

  private void write(ObjectNode line) {
    try {
      out.write(Json.compact(line));
      out.newLine();
      out.flush();
    } catch (IOException e) {
      throw new RunFault(file + " cannot be written: " + Json.reason(e), e);
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
      throw new RunFault(file + " cannot be written: " + Json.reason(e), e);
    }
  }
}
