/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.collective.Collective;
import org.tlora.evaluate.SampleLog;
import org.tlora.evaluate.TaskResult;
import org.tlora.evaluate.TaskRows;
import org.tlora.evaluate.TaskRunner;
import org.tlora.evaluate.task.LabelTask;
import org.tlora.evaluate.task.Metric;
import org.tlora.model.AdapterMix;
import org.tlora.model.AdapterSet;
import org.tlora.run.RunListener;
import org.tlora.run.StopSignal;
import org.tlora.tune.Measure;
import org.tlora.tune.TuningInputs;

/**
 * Tasks that a run is scored on at each of its evaluations. The score of {@code gsm8k} is {@code
 * eval_gsm8k}, its standard error {@code eval_gsm8k_stderr}.
 */
final class EvaluationTasks implements Measure {
  private final List<TaskRows> tasks;
  private final TaskRunner.How how;
  private final Map<String, String> settings;
  private final RunListener listener;

  /** Ends a task that is under way. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("a scoring was asked to stop", null, false, false);
    }
  }

  /**
   * Reads the rows.
   *
   * @throws org.tlora.fault.Fault if they cannot be read
   */
  EvaluationTasks(Evaluation evaluation, RunListener listener) {
    tasks = evaluation.rows();
    how = evaluation.how();
    settings = new LinkedHashMap<>(evaluation.settings());
    settings.remove("task-data"); // which may lie elsewhere by now
    tasks.forEach(t -> settings.put("rows of " + t.task().name(), t.digest()));
    this.listener = listener;
  }

  static String name(String task) {
    return "eval_" + task;
  }

  @Override
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    for (TaskRows t : tasks) {
      names.add(name(t.task().name()));
      if (t.task() instanceof LabelTask labels) {
        labels.metrics().stream()
            .skip(1)
            .map(Metric::label)
            .forEach(m -> names.add(name(t.task().name()) + "_" + m));
      }
    }
    return names;
  }

  @Override
  public Map<String, String> settings() {
    return settings;
  }

  @Override
  public void requireFit(TuningInputs inputs) {
    TaskRunner runner = new TaskRunner(inputs.base(), inputs.model(), AdapterMix.NONE, how);
    tasks.forEach(t -> runner.requireFit(t.task()));
  }

  @Override
  public Optional<Map<String, Double>> of(
      TuningInputs inputs, AdapterSet adapters, Collective all, StopSignal stop) {
    TaskRunner runner =
        new TaskRunner(inputs.base(), inputs.model(), AdapterMix.of(adapters), how, all);
    Map<String, Double> scores = new LinkedHashMap<>();
    try {
      for (TaskRows t : tasks) {
        put(scores, run(runner, t, all, stop));
      }
      return Optional.of(scores);
    } catch (Stopped e) {
      return Optional.empty();
    }
  }

  private TaskResult run(TaskRunner runner, TaskRows t, Collective all, StopSignal stop) {
    return runner.run(
        t.task(),
        t.rows(),
        SampleLog.none(),
        done -> {
          listener.scoring(t.task().name(), done, t.rows().size());
          if (all.any(stop.isRequested())) { // each process is told of each row
            throw new Stopped();
          }
        });
  }

  private static void put(Map<String, Double> scores, TaskResult result) {
    String name = name(result.task().name());
    scores.put(name, result.value());
    scores.put(name + "_stderr", result.standardError());
    result.others().forEach((other, value) -> scores.put(name + "_" + other, value));
  }
}
