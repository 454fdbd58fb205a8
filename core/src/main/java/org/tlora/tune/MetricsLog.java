/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;

/**
 * {@code metrics.jsonl}: one object a step, written through at once. Keeps them for the report, and
 * writes them again where the file is gone.
 */
public final class MetricsLog implements RunListener, AutoCloseable {
  /**
   * What was measured after a step.
   *
   * @param scalars numbers by name
   */
  public record Evaluation(long step, Map<String, Double> scalars) {
    /** The held-out loss, or NaN. */
    public double loss() {
      return scalars.getOrDefault(EVAL_LOSS, Double.NaN);
    }
  }

  private static final String SKIPPED = "skipped";

  private static final Set<String> COUNTS =
      Set.of(StepReport.TOKENS, StepReport.SUPERVISED_TOKENS, StepReport.PEAK_RSS_BYTES);

  private final Path file; // null: they are only kept
  private final List<String> lines = new ArrayList<>();
  private final List<StepReport> steps = new ArrayList<>();
  private final List<Evaluation> evaluations = new ArrayList<>();
  private long skipped;
  private long damaged;
  private long last = -1; // step that was taken or skipped
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
      readUpTo(file, stepsTaken);
    }
    rewrite();
  }

  private MetricsLog() {
    file = null;
  }

  /**
   * What a run has written, also while it goes on; nothing is written to it.
   *
   * @param file empty where it does not exist
   * @throws InputFault if it cannot be read
   */
  public static MetricsLog read(Path file) {
    MetricsLog log = new MetricsLog();
    log.readUpTo(file, Long.MAX_VALUE);
    return log;
  }

  /** One that writes nothing, of a process whose group's first one does. */
  static MetricsLog unwritten() {
    return new MetricsLog();
  }

  private void readUpTo(Path from, long stepsTaken) {
    if (!Files.exists(from)) {
      return; // the curve begins where the run goes on
    }
    try {
      // what a killed process left half-written may end within a character
      String text = new String(Files.readAllBytes(from), StandardCharsets.UTF_8);
      text.lines().filter(line -> !line.isBlank()).forEach(line -> keep(line, stepsTaken));
    } catch (IOException e) {
      throw new InputFault(from + " cannot be read: " + Json.reason(e), e);
    }
  }

  private void keep(String line, long stepsTaken) {
    JsonNode node;
    try {
      node = Json.parse(line, "metrics.jsonl");
    } catch (InputFault e) {
      damaged++;
      return; // a line that a killed process left half-written
    }
    if (node.path("step").asLong(Long.MAX_VALUE) >= stepsTaken) {
      return;
    }
    lines.add(line);
    last = Math.max(last, node.path("step").asLong());
    if (node.has("loss")) {
      steps.add(new StepReport(node.path("step").asLong(), 0, numbers(node, 0)));
    } else if (node.has(SKIPPED)) {
      skipped++;
    } else {
      evaluations.add(new Evaluation(node.path("step").asLong(), numbers(node, 0)));
    }
  }

  /**
   * The numbers of a line but for its step; those of an object in it have its name and a dot before
   * theirs.
   *
   * @param otherwise stands for what is none in such an object
   */
  public static Map<String, Double> numbers(JsonNode line, double otherwise) {
    Map<String, Double> all = new LinkedHashMap<>();
    line.properties()
        .forEach(
            e -> {
              if (e.getValue().isNumber() && !e.getKey().equals("step")) {
                all.put(e.getKey(), e.getValue().asDouble());
              }
              e.getValue()
                  .properties()
                  .forEach(
                      in ->
                          all.put(
                              e.getKey() + "." + in.getKey(), in.getValue().asDouble(otherwise)));
            });
    return all;
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
  public void step(StepReport report) {
    steps.add(report);
    last = Math.max(last, report.step());
    ObjectNode line = Json.object();
    line.put("step", report.step());
    report
        .scalars()
        .forEach(
            (name, value) -> {
              int dot = name.indexOf('.');
              if (dot > 0) {
                number(
                    line.withObjectProperty(name.substring(0, dot)),
                    name.substring(dot + 1),
                    value);
              } else if (value != 0 || !name.equals(StepReport.PENALTY)) {
                number(line, name, value);
              }
            });
    write(line);
  }

  /** Counts are written as whole numbers. */
  private static void number(ObjectNode line, String name, double value) {
    if (COUNTS.contains(name)) {
      line.put(name, (long) value);
    } else {
      line.put(name, value);
    }
  }

  @Override
  public void skipped(long step, String reason, String rows) {
    skipped++;
    last = Math.max(last, step);
    write(Json.object().put("step", step).put(SKIPPED, reason).put("rows", rows));
  }

  @Override
  public void evaluation(long step, Map<String, Double> scalars) {
    evaluations.add(new Evaluation(step, scalars));
    ObjectNode line = Json.object().put("step", step);
    scalars.forEach(line::put);
    write(line);
  }

  private void write(ObjectNode line) {
    String text = Json.compact(line);
    lines.add(text);
    if (file == null) {
      return;
    }
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
      if (out != null) {
        out.force(false);
      }
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }

  /** All steps so far. */
  public List<StepReport> steps() {
    return steps;
  }

  /** The most memory that the process had by the end of a step; 0 where that is not known. */
  public long peakBytes() {
    return (long)
        steps.stream()
            .mapToDouble(s -> s.get(StepReport.PEAK_RSS_BYTES))
            .filter(Double::isFinite)
            .max()
            .orElse(0);
  }

  /** The last step that was taken or skipped, from 0; −1 where there is none. */
  public long lastStep() {
    return last;
  }

  /** Steps that changed nothing, since their loss or gradient was not finite. */
  public long skippedSteps() {
    return skipped;
  }

  /** Lines that were read and are none; the last one of a process that was killed may be. */
  public long damagedLines() {
    return damaged;
  }

  /** All evaluations so far. */
  public List<Evaluation> evaluations() {
    return evaluations;
  }

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      throw cannotBeWritten(e);
    }
  }
}
