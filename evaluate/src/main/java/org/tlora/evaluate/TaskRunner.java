/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.List;
import java.util.function.IntConsumer;
import org.tlora.collective.Alone;
import org.tlora.collective.Collective;
import org.tlora.data.format.Row;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.LabelTask;
import org.tlora.evaluate.task.Task;
import org.tlora.evaluate.task.TextTask;
import org.tlora.fault.UsageFault;
import org.tlora.generate.Generator;
import org.tlora.generate.Likelihood;
import org.tlora.generate.Sampling;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterMix;
import org.tlora.model.CausalLm;
import org.tlora.model.Model;
import org.tlora.model.SequenceClassifier;
import org.tlora.pretrained.PretrainedModel;

/**
 * Scores a model on tasks of its kind.
 *
 * @param files of the model
 * @param model in memory
 * @param adapters what is added to it
 * @param how tasks are gone through
 * @param group the processes that share the rows; each has all results
 */
public record TaskRunner(
    PretrainedModel files, Model model, AdapterMix adapters, How how, Collective group) {
  /** The same in a process by itself. */
  public TaskRunner(PretrainedModel files, Model model, AdapterMix adapters, How how) {
    this(files, model, adapters, how, new Alone());
  }

  /**
   * How tasks are gone through.
   *
   * @param rowsAtOnce rows that are run side by side
   * @param repeats answers to each row
   * @param byLikelihood whether choices are scored by their likelihood instead of what is written
   * @param grading how what is written is read
   */
  public record How(
      int rowsAtOnce, int repeats, Sampling sampling, boolean byLikelihood, GradingStyle grading) {
    /** One greedy answer to each row, graded as it is published. */
    public static final How GREEDY = new How(16, 1, Sampling.GREEDY, false, GradingStyle.PUBLISHED);

    /** Checks the ranges. */
    public How {
      if (rowsAtOnce < 1 || repeats < 1) {
        throw new UsageFault("`batchSize` and `repeats` must be at least 1");
      }
      if (byLikelihood && grading != GradingStyle.PUBLISHED) {
        throw new UsageFault(
            "`grading` says how answers are read, and `scoring` likelihood has none");
      }
      if (repeats > 1 && (sampling.greedy() || byLikelihood)) {
        throw new UsageFault("`repeats` needs `temperature`: greedy answers are all alike");
      }
    }
  }

  /**
   * Scores it on one.
   *
   * @param log has samples of an earlier run, and takes those of this one
   * @param afterEach is told how many samples are done
   * @throws UsageFault if the task is for another kind of model
   */
  public TaskResult run(Task task, List<Row> rows, SampleLog log, IntConsumer afterEach) {
    requireFit(task);
    if (task instanceof TextTask t) {
      CausalLm decoder = (CausalLm) model;
      if (how.byLikelihood()) {
        return ChoiceEvaluation.of(
            t,
            rows,
            new Likelihood(decoder, Adaptation.of(adapters)),
            files.tokenizer(),
            log,
            group,
            afterEach);
      }
      try (Grader grader = t.grader()) {
        return TextEvaluation.generated(
            t,
            grader,
            rows,
            how,
            new Generator(decoder, adapters, files.tokenizer(), files.generationEos()),
            files.tokenizer(),
            log,
            group,
            afterEach);
      }
    }
    return LabelEvaluation.of(
        (LabelTask) task,
        rows,
        (SequenceClassifier) model,
        Adaptation.of(adapters),
        files.tokenizer(),
        how.rowsAtOnce(),
        group,
        afterEach);
  }

  /**
   * Grades answers that exist already.
   *
   * @param style the one that counts
   * @throws UsageFault if the task is not one of text
   */
  public static TaskResult graded(Task task, List<Row> rows, GradingStyle style) {
    if (!(task instanceof TextTask t)) {
      throw new UsageFault("`completions` go with tasks of text, not with " + task.name());
    }
    try (Grader grader = t.grader()) {
      return TextEvaluation.given(t, grader, rows, style);
    }
  }

  /**
   * Makes sure that a task is for this kind of model.
   *
   * @throws UsageFault if it is not
   */
  public void requireFit(Task task) {
    if (task instanceof TextTask t) {
      if (!(model instanceof CausalLm)) {
        throw new UsageFault("`task` " + task.name() + " needs a decoder, which writes text");
      }
      if (how.byLikelihood() && !t.hasChoices()) {
        throw new UsageFault("`task` " + task.name() + " has no choices to score by likelihood");
      }
    } else if (how.grading() != GradingStyle.PUBLISHED) {
      throw new UsageFault("`grading` goes with tasks of text, not with " + task.name());
    } else if (!(model instanceof SequenceClassifier)) {
      throw new UsageFault(
          "`task` " + task.name() + " needs an encoder, such as BERT, which labels texts");
    }
  }
}
