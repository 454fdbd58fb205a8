package org.tlora.evaluate;

import java.util.List;
import java.util.function.IntConsumer;
import org.tlora.data.Row;
import org.tlora.fault.UsageFault;
import org.tlora.generate.Generator;
import org.tlora.model.CausalLm;
import org.tlora.model.Model;
import org.tlora.model.SequenceClassifier;
import org.tlora.model.family.PretrainedModel;

/**
 * Scores a model on tasks of its kind.
 *
 * @param files of the model
 * @param model with an adapter where there is one
 * @param rowsAtOnce rows that are run side by side
 */
public record TaskRunner(PretrainedModel files, Model model, int rowsAtOnce) {
  /**
   * Scores it on one.
   *
   * @param afterEach is told how many rows are done
   * @throws UsageFault if the task is for another kind of model
   */
  public TaskResult run(Task task, List<Row> rows, IntConsumer afterEach) {
    requireFit(task);
    if (task instanceof GenerationTask t) {
      CausalLm decoder = (CausalLm) model;
      Generator generator = new Generator(decoder, files.tokenizer(), files.generationEos());
      return Evaluation.generated(t, rows, generator, files.tokenizer(), rowsAtOnce, afterEach)
          .result();
    }
    SequenceClassifier classifier = (SequenceClassifier) model;
    return LabelEvaluation.of(
        (LabelTask) task, rows, classifier, files.tokenizer(), rowsAtOnce, afterEach);
  }

  /**
   * Makes sure that a task is for this kind of model.
   *
   * @throws UsageFault if it is not
   */
  public void requireFit(Task task) {
    if (task instanceof GenerationTask && !(model instanceof CausalLm)) {
      throw new UsageFault("--task " + task.name() + " needs a decoder, which writes text");
    }
    if (task instanceof LabelTask && !(model instanceof SequenceClassifier)) {
      throw new UsageFault(
          "--task " + task.name() + " needs an encoder, such as BERT, which labels texts");
    }
  }
}
