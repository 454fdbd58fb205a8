/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.tlora.format.Json;
import org.tlora.run.RunEnd;
import org.tlora.run.RunListener;
import org.tlora.run.RunStart;
import org.tlora.run.Sample;
import org.tlora.run.StepReport;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Tells of a run by a JSON object a line, for programs: {@code event} says what has happened, by
 * the names of {@link RunListener}.
 */
public final class JsonLines implements RunListener {
  private final PrintStream out;
  private final UnaryOperator<String> words;

  /** Writes to standard error, with the names of options in place of properties. */
  public JsonLines(CommandSpec command) {
    this(System.err, OptionNames.of(command)::in);
  }

  JsonLines(PrintStream out, UnaryOperator<String> words) {
    this.out = out;
    this.words = words;
  }

  /** A fault that ends the program, in the same form. */
  public static String error(String message) {
    return Json.compact(Json.object().put("event", "error").put("text", message));
  }

  /** A message from before there is a run, in the same form. */
  public static String note(String message) {
    return Json.compact(event("message").put("text", message));
  }

  private static ObjectNode event(String name) {
    return Json.object().put("event", name);
  }

  private synchronized void write(ObjectNode event) {
    out.println(Json.compact(event));
  }

  private static void put(ObjectNode event, Map<String, Double> scalars) {
    scalars.forEach(
        (name, value) -> {
          if (Double.isFinite(value)) {
            event.put(name, value);
          } else {
            event.put(name, value.toString()); // JSON has no such number
          }
        });
  }

  @Override
  public void started(RunStart start) {
    ObjectNode event = event("started").put("method", start.method());
    event.put("trainable_parameters", start.trainableParameters());
    write(event.put("base_parameters", start.baseParameters()));
  }

  @Override
  public void message(String text) {
    write(event("message").put("text", words.apply(text)));
  }

  @Override
  public void download(String file, long bytes, long total) {
    if (bytes == total) {
      write(event("download").put("file", file).put("bytes", bytes));
    }
  }

  @Override
  public void upload(String file, long bytes, long total) {
    if (bytes == total) {
      write(event("upload").put("file", file).put("bytes", bytes));
    }
  }

  @Override
  public void calibration(int done, int total) {
    write(event("calibration").put("done", done).put("total", total));
  }

  @Override
  public void scoring(String task, int done, int total) {
    write(event("scoring").put("task", task).put("done", done).put("total", total));
  }

  @Override
  public void step(StepReport report) {
    ObjectNode event = event("step").put("step", report.step());
    event.put("total_steps", report.totalSteps());
    put(event, report.scalars());
    write(event);
  }

  @Override
  public void skipped(long step, String reason, String rows) {
    ObjectNode event = event("skipped").put("step", step).put("reason", reason).put("rows", rows);
    write(
        event.put(
            "text", "step " + step + " skipped: the " + reason + " is not finite (" + rows + ")"));
  }

  @Override
  public void evaluation(long step, Map<String, Double> scalars) {
    ObjectNode event = event("evaluation").put("step", step);
    put(event, scalars);
    write(event);
  }

  @Override
  public void best(long steps, String metric, double value) {
    ObjectNode event = event("best").put("steps", steps).put("metric", metric);
    put(event, Map.of("value", value));
    write(event);
  }

  @Override
  public void samples(long step, List<Sample> samples) {
    for (Sample s : samples) {
      ObjectNode event = event("sample").put("step", step).put("prompt", s.prompt());
      if (s.reference() != null) {
        event.put("reference", s.reference());
      }
      write(event.put("text", s.text()));
    }
  }

  @Override
  public void written(Path file) {
    write(event("written").put("file", file.toString()));
  }

  @Override
  public void checkpoint(long steps, Path directory) {
    write(event("checkpoint").put("steps", steps).put("directory", directory.toString()));
  }

  @Override
  public void ended(RunEnd end) {
    ObjectNode event = event("ended").put("steps", end.steps());
    event.put("interrupted", end.interrupted()).put("failure", end.failure());
    put(event, end.scalars());
    write(event);
  }
}
