/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.tlora.format.Json;
import org.tlora.run.RunEnd;
import org.tlora.run.RunStart;
import org.tlora.run.StepReport;

/**
 * Puts what a run tells into the queue of an MLflow server. A run that goes on leaves out what the
 * one before has told already of the steps that it takes again.
 */
final class MlflowTracking implements Tracking {
  private static final String STEP = "step";
  private static final String EVALUATION = "evaluation";

  private final TrackedRun run;
  private final MlflowSettings settings;
  private final DiskQueue queue;
  private final MlflowSender sender;
  private final boolean known; // whether the server has the run, or is to get it
  private final long lastStep;
  private final long lastEvaluation;

  MlflowTracking(TrackedRun run, MlflowSettings settings) {
    this.run = run;
    this.settings = settings;
    Path directory = run.output().resolve("mlflow");
    if (!run.isResumed() && Files.exists(directory)) {
      long lost = DiskQueue.open(directory, false).waiting();
      if (lost > 0) {
        run.message()
            .accept(
                lost
                    + " entries of the run before, which this one takes the place of, were"
                    + " never sent to MLflow, and are dropped");
      }
    }
    queue = DiskQueue.open(directory, !run.isResumed());
    String before = queue.remembered(MlflowSender.SERVER);
    if (!before.isEmpty() && !before.equals(settings.server())) {
      run.message().accept("the run was tracked by MLflow at " + before + " so far");
      queue.remember(MlflowSender.RUN, "");
    }
    queue.remember(MlflowSender.SERVER, settings.server());
    boolean waits = queue.all().stream().anyMatch(o -> is(o, MlflowSender.BEGIN));
    known = waits || !queue.remembered(MlflowSender.RUN).isEmpty();
    lastStep = known && run.same() ? last(STEP) : -1;
    lastEvaluation = known && run.same() ? last(EVALUATION) : -1;
    sender = new MlflowSender(settings, queue, run);
  }

  private static boolean is(ObjectNode object, String kind) {
    return object.path("kind").asText().equals(kind);
  }

  /** The last step of which numbers were sent or wait to be. */
  private long last(String of) {
    String remembered = queue.remembered(MlflowSender.LAST + of);
    long waiting =
        queue.all().stream()
            .filter(o -> is(o, MlflowSender.NUMBERS) && o.path("of").asText().equals(of))
            .mapToLong(o -> o.path(STEP).asLong())
            .max()
            .orElse(-1);
    return Math.max(waiting, remembered.isEmpty() ? -1 : Long.parseLong(remembered));
  }

  private static ObjectNode entry(String kind) {
    return Json.object().put("kind", kind).put("time", System.currentTimeMillis());
  }

  @Override
  public void started(RunStart start) {
    if (known) {
      queue.put(entry(MlflowSender.AGAIN), false);
      return;
    }
    ObjectNode begin = entry(MlflowSender.BEGIN);
    begin.put("name", Optional.ofNullable(settings.runName()).orElse(run.name()));
    ObjectNode parameters = begin.putObject("parameters");
    run.options().forEach(parameters::put);
    parameters.put("trainable_parameters", "" + start.trainableParameters());
    parameters.put("base_parameters", "" + start.baseParameters());
    queue.put(begin, false);
  }

  @Override
  public void step(StepReport report) {
    numbers(STEP, report.step() + 1, lastStep, report.scalars(), true);
  }

  @Override
  public void evaluation(long step, Map<String, Double> scalars) {
    numbers(EVALUATION, step + 1, lastEvaluation, scalars, false);
  }

  private void numbers(
      String of, long step, long last, Map<String, Double> scalars, boolean optional) {
    if (step > last) {
      ObjectNode entry = entry(MlflowSender.NUMBERS).put("of", of).put(STEP, step);
      ObjectNode values = entry.putObject("values");
      scalars.forEach(values::put);
      queue.put(entry, optional);
    }
  }

  @Override
  public void best(long steps, String metric, double value) {
    ObjectNode entry = entry(MlflowSender.TAGS);
    ObjectNode tags = entry.putObject("tags");
    tags.put("best_step", "" + steps).put("best_" + metric, "" + value);
    queue.put(entry, false);
  }

  @Override
  public void ended(RunEnd end) {
    String status = end.failure() != null ? "FAILED" : end.interrupted() ? "KILLED" : "FINISHED";
    queue.put(entry(MlflowSender.END).put("status", status), false);
  }

  @Override
  public void written(Path file) {
    queue.put(entry(MlflowSender.FILE).put("file", file.toAbsolutePath().toString()), false);
  }

  @Override
  public void close() {
    sender.close();
    if (queue.waiting() > 0) {
      run.message()
          .accept(
              queue.waiting()
                  + " entries for MLflow wait in "
                  + run.output().resolve("mlflow")
                  + "; a run that goes on there (`resume`) sends them");
    }
  }
}
