/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import org.tlora.checkpoint.CheckpointStore;
import org.tlora.checkpoint.OutputLock;
import org.tlora.cli.option.OptionFile;
import org.tlora.cli.option.RunYaml;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.run.Bytes;
import org.tlora.run.Durations;
import org.tlora.run.StepReport;
import org.tlora.tune.MetricsLog;

/** What a run has left in its output directory, also while it goes on. */
final class RunLook {
  private static final String METRICS = "metrics.jsonl";
  private static final String CALIBRATION = "calibration.json";

  private static final List<String> SECONDS =
      List.of(
          StepReport.FORWARD_SECONDS, StepReport.BACKWARD_SECONDS, StepReport.OPTIMIZER_SECONDS);

  private final Path directory;
  private final Facts facts = new Facts();
  private final ObjectNode json = facts.json();

  private RunLook(Path directory) {
    this.directory = directory;
  }

  /** Whether a run has written here. */
  static boolean isRun(Path directory) {
    return Files.exists(directory.resolve(RunYaml.FILE))
        || Files.exists(directory.resolve(METRICS))
        || Files.exists(directory.resolve(CALIBRATION));
  }

  /** Adds an object {@code run} and lines. */
  static void into(Facts whole, Path directory) {
    RunLook look = new RunLook(directory);
    look.look();
    whole.json().set("run", look.json);
    whole.add(look.facts);
  }

  private void look() {
    Map<String, List<String>> options = options();
    ObjectNode calibration = calibration();
    MetricsLog log = MetricsLog.read(directory.resolve(METRICS));
    String method = first(options, "method");
    method = method == null ? calibration.path("method").asText(null) : method;
    json.put("method", method);
    facts.line("run", method == null ? "of a method that is not named" : "of method " + method);
    if (Files.exists(directory.resolve(METRICS)) || !options.isEmpty()) {
      progress(options, log);
    }
    losses(log);
    costs(log);
    calibrated(calibration);
  }

  private Map<String, List<String>> options() {
    Path file = directory.resolve(RunYaml.FILE);
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      Map<String, List<String>> options = OptionFile.read(file);
      ObjectNode all = json.putObject("options");
      options.forEach(
          (name, values) -> {
            var array = all.putArray(name);
            values.forEach(array::add);
          });
      return options;
    } catch (UsageFault e) {
      facts.problem(e.getMessage());
      return Map.of();
    }
  }

  private ObjectNode calibration() {
    Path file = directory.resolve(CALIBRATION);
    try {
      return Files.exists(file) ? Json.readObject(file) : Json.object();
    } catch (InputFault e) {
      facts.problem(e.getMessage());
      return Json.object();
    }
  }

  private static String first(Map<String, List<String>> options, String name) {
    return options.containsKey(name) ? options.get(name).get(0) : null;
  }

  /** How far it has come: finished, or by whom it goes on, or from where it could. */
  private void progress(Map<String, List<String>> options, MetricsLog log) {
    List<StepReport> steps = log.steps();
    long done = log.lastStep() + 1;
    OptionalLong total = TotalSteps.of(options, steps, log.lastStep());
    List<CheckpointStore.Found> checkpoints = checkpoints();
    String writer = OutputLock.writerOf(directory).orElse(null);
    boolean kept = checkpoints.stream().anyMatch(c -> c.steps() >= done);
    boolean ended = total.isPresent() && done >= total.getAsLong() && !kept;
    String state = writer != null ? "running" : ended ? "finished" : "unfinished";
    json.put("steps", done).put("state", state);
    total.ifPresentOrElse(n -> json.put("total_steps", n), () -> json.putNull("total_steps"));
    json.put("skipped_steps", log.skippedSteps()).put("damaged_lines", log.damagedLines());
    facts.inner(
        "steps",
        Words.count(done)
            + (total.isPresent()
                ? " of " + Words.count(total.getAsLong())
                : ", of how many is not said"));
    facts.inner(
        "skipped", log.skippedSteps() == 0 ? null : Words.count(log.skippedSteps(), "step"));
    facts.inner(
        "epochs",
        steps.isEmpty() ? null : Words.number(steps.get(steps.size() - 1).get(StepReport.EPOCH)));
    String more =
        switch (state) {
          case "running" -> " (" + writer + " writes to it)";
          case "unfinished" ->
              checkpoints.isEmpty()
                  ? " (tlora train --resume --output " + directory + " begins anew)"
                  : " (tlora train --resume --output " + directory + " goes on)";
          default -> "";
        };
    facts.inner("state", state + more);
    if (log.damagedLines() > 1) {
      facts.problem(
          directory.resolve(METRICS)
              + " has "
              + Words.count(log.damagedLines())
              + " lines that are no JSON");
    }
    tell(checkpoints, writer != null);
  }

  private List<CheckpointStore.Found> checkpoints() {
    return new CheckpointStore(directory.resolve("checkpoints")).newestFirst();
  }

  /** While the run goes on, one may be on its way out. */
  private void tell(List<CheckpointStore.Found> checkpoints, boolean running) {
    var list = json.putArray("checkpoints");
    StringBuilder words = new StringBuilder();
    for (CheckpointStore.Found c : checkpoints) {
      ObjectNode one = list.addObject().put("step", c.steps()).put("path", c.path().toString());
      String problem = null;
      try {
        CheckpointStore.check(c.path());
      } catch (InputFault e) {
        problem = e.getMessage();
      }
      one.put("whole", problem == null);
      words.append(words.length() == 0 ? "after step " : ", ").append(c.steps());
      words.append(problem == null ? "" : " (damaged)");
      if (problem != null && !running) {
        facts.problem(problem);
      }
    }
    facts.inner("checkpoints", words.length() == 0 ? "none" : words.toString());
  }

  private void losses(MetricsLog log) {
    List<StepReport> steps = log.steps();
    if (!steps.isEmpty()) {
      StepReport best = steps.get(0);
      for (StepReport s : steps) {
        best = s.loss() < best.loss() ? s : best;
      }
      StepReport last = steps.get(steps.size() - 1);
      json.putObject("loss")
          .put("first", steps.get(0).loss())
          .put("last", last.loss())
          .put("best", best.loss())
          .put("best_step", best.step());
      facts.inner(
          "loss",
          Words.number(steps.get(0).loss())
              + " at first, "
              + Words.number(last.loss())
              + " at last, best "
              + Words.number(best.loss())
              + " at step "
              + best.step());
    }
    List<MetricsLog.Evaluation> evaluations = log.evaluations();
    if (!evaluations.isEmpty()) {
      MetricsLog.Evaluation best = evaluations.get(0);
      for (MetricsLog.Evaluation e : evaluations) {
        best = e.loss() < best.loss() ? e : best;
      }
      MetricsLog.Evaluation last = evaluations.get(evaluations.size() - 1);
      json.putObject("held_out_loss")
          .put("last", last.loss())
          .put("best", best.loss())
          .put("best_step", best.step());
      facts.inner(
          "held-out loss",
          Words.number(last.loss())
              + " at last, best "
              + Words.number(best.loss())
              + " at step "
              + best.step());
    }
  }

  private void costs(MetricsLog log) {
    List<StepReport> steps = log.steps();
    if (steps.isEmpty()) {
      return;
    }
    double seconds = SECONDS.stream().mapToDouble(name -> sum(steps, s -> s.get(name))).sum();
    double tokens = sum(steps, s -> s.get(StepReport.TOKENS));
    long memory = log.peakBytes();
    json.put("seconds", seconds).put("tokens", (long) tokens);
    json.put("peak_rss_bytes", memory);
    facts.inner("time in steps", Durations.text(seconds));
    facts.inner("tokens", Words.count((long) tokens));
    if (seconds > 0) {
      json.put("tokens_per_second", tokens / seconds);
      facts.inner("tokens a second", Words.count(Math.round(tokens / seconds)));
    }
    facts.inner("peak memory", memory > 0 ? Bytes.text(memory) : null);
  }

  private static double sum(List<StepReport> steps, ToDoubleFunction<StepReport> of) {
    return steps.stream().mapToDouble(of).filter(Double::isFinite).sum();
  }

  private void calibrated(ObjectNode calibration) {
    if (calibration.isEmpty()) {
      return;
    }
    JsonNode seconds = calibration.path("seconds");
    double took =
        seconds.path("calibration").asDouble() + seconds.path("initialisation").asDouble();
    long trainable = calibration.path("trainable_parameters").asLong();
    long base = calibration.path("base_parameters").asLong();
    long samples = calibration.path("samples").asLong();
    json.put("trainable_parameters", trainable).put("base_parameters", base);
    json.put("calibration_samples", samples).put("initialisation_seconds", took);
    json.put("calibrated_layers", calibration.path("modules").size());
    json.put("bounded_layers", calibration.path("bounded").size());
    facts.inner(
        "trains",
        Words.count(trainable)
            + " of "
            + Words.count(base)
            + " parameters ("
            + Words.percent(trainable, base)
            + ")");
    facts.inner(
        "start",
        Durations.text(took)
            + (samples > 0 ? " with " + Words.count(samples, "sample") : ", without samples")
            + ", "
            + Words.count(calibration.path("modules").size(), "layer"));
  }
}
