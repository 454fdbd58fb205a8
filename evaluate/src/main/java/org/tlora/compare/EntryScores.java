/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.card.CardEdit;
import org.tlora.card.Score;
import org.tlora.collective.Collective;
import org.tlora.data.Encoded;
import org.tlora.evaluate.RowFigure;
import org.tlora.evaluate.SampleLog;
import org.tlora.evaluate.TaskResult;
import org.tlora.evaluate.TaskRows;
import org.tlora.evaluate.TaskRunner;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterMix;
import org.tlora.model.AdapterSet;
import org.tlora.run.Listeners;
import org.tlora.run.StopSignal;
import org.tlora.train.HeldOutLoss;
import org.tlora.tune.TuningInputs;

/** Scores what was trained, on rows that no run has seen. */
final class EntryScores {
  private final TuningInputs inputs;
  private final Scoring scoring;
  private final Listeners listeners;
  private final StopSignal stop;
  private final Collective group;
  private final TuningInputs.OtherRows test;

  /** What was found; {@code testLoss} is NaN where nothing is tested on. */
  record Found(
      Map<String, RunResult.Score> scores, Map<String, RowFigure> figures, double testLoss) {}

  /**
   * Reads what is tested on.
   *
   * @throws org.tlora.fault.Fault if it cannot be read, or a task is for another kind of model
   */
  EntryScores(
      TuningInputs inputs,
      Scoring scoring,
      Listeners listeners,
      StopSignal stop,
      Collective group) {
    this.inputs = inputs;
    this.scoring = scoring;
    this.listeners = listeners;
    this.stop = stop;
    this.group = group;
    TaskRunner runner =
        new TaskRunner(inputs.base(), inputs.model(), AdapterMix.NONE, scoring.how(), group);
    scoring.tasks().forEach(t -> runner.requireFit(t.task()));
    test = scoring.testData() == null ? null : inputs.others(scoring.testData());
    if (test != null && test.seen() > 0) {
      listeners.message(
          String.format(
              Locale.ROOT,
              "%d of %d rows of %s are also trained or evaluated on: the test flatters",
              test.seen(),
              test.rows().size(),
              scoring.testData().getFileName()));
    }
  }

  /** What the rows that are tested on are, in a few words. */
  String testContents() {
    return test.rows().size() + " with digest " + test.digest();
  }

  Found of(AdapterSet adapters, Path directory) {
    Map<String, RunResult.Score> scores = new LinkedHashMap<>();
    Map<String, RowFigure> figures = new LinkedHashMap<>();
    List<Score> forCard = new ArrayList<>();
    double testLoss = Double.NaN;
    if (test != null) {
      RowFigure.Mean losses = losses(adapters);
      figures.put(RunResult.TEST_LOSS, losses);
      testLoss = losses.ofAll();
      listeners.message(String.format(Locale.ROOT, "test loss %.4f", testLoss));
    }
    for (TaskRows t : scoring.tasks()) {
      String name = t.task().name();
      TaskResult r =
          new TaskRunner(
                  inputs.base(), inputs.model(), AdapterMix.of(adapters), scoring.how(), group)
              .run(
                  t.task(),
                  t.rows(),
                  SampleLog.none(),
                  done -> afterRow(name, done, t.rows().size()));
      scores.put(name, new RunResult.Score(r.value(), r.standardError(), r.count()));
      figures.put(name, r.figure());
      String grading = r.grading() == null ? null : r.grading().label();
      forCard.add(new Score(name, r.metric(), grading, r.value(), r.standardError(), r.count()));
      if (group.isFirst()) {
        StringBuilder lines = new StringBuilder();
        r.samples().forEach(s -> lines.append(Json.compact(s)).append('\n'));
        AtomicFiles.writeText(directory.resolve(name + "-samples.jsonl"), lines.toString());
      }
      listeners.message(
          String.format(Locale.ROOT, "%s: %.2f %% of %d", name, 100 * r.value(), r.count()));
    }
    if (group.isFirst() && !forCard.isEmpty()) {
      new CardEdit(null, null, List.of(), forCard, null)
          .tryToWrite(directory)
          .ifPresent(listeners::message);
    }
    return new Found(scores, figures, testLoss);
  }

  /** The loss of each row, which processes share. */
  private RowFigure.Mean losses(AdapterSet adapters) {
    List<Encoded> rows = test.rows();
    double[] values = new double[rows.size()];
    double[] weights = new double[rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      Encoded row = rows.get(i);
      weights[i] = inputs.objective().weight(row);
      if (i % group.size() == group.rank() && weights[i] > 0) {
        values[i] =
            HeldOutLoss.of(
                inputs.model(), Adaptation.of(adapters), inputs.objective(), List.of(row), 1);
      }
      afterRow(RunResult.TEST_LOSS, i + 1, rows.size());
      group.works();
    }
    return new RowFigure.Mean(group.isGroup() ? group.sum(values) : values, weights);
  }

  private void afterRow(String what, int done, int total) {
    listeners.scoring(what, done, total);
    if (stop.isRequested()) {
      throw new RunFault("interrupted while scoring " + what);
    }
  }
}
