/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.examples;

import java.nio.file.Path;
import java.util.Map;
import org.tlora.LanguageModel;
import org.tlora.TrainingRun;
import org.tlora.Tuning;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;

/** Watches a fine-tuning, and ends it when its loss is low enough. */
public final class CustomListener {
  private CustomListener() {}

  /** Prints every tenth step and every evaluation; remembers the loss. */
  private static final class Watch implements RunListener {
    private volatile double loss = Double.NaN;

    @Override
    public void step(StepReport report) {
      loss = report.loss();
      if (report.step() % 10 == 0) {
        System.out.printf("step %d: loss %.3f%n", report.step(), report.loss());
      }
    }

    @Override
    public void evaluation(long step, Map<String, Double> scalars) {
      System.out.printf("held out: %.3f%n", scalars.get(EVAL_LOSS));
    }
  }

  /** Arguments: the model, a file of rows, an output directory. */
  public static void main(String[] args) throws InterruptedException {
    Watch watch = new Watch();
    try (LanguageModel model = LanguageModel.of(args[0]).open()) {
      TrainingRun run =
          model.train(
              Tuning.builder()
                  .data(args[1])
                  .template("plain")
                  .heldOut(2)
                  .steps(40)
                  .learningRate(1e-2)
                  .output(Path.of(args[2]))
                  .listeners(watch)
                  .build());
      while (!run.isDone()) {
        if (watch.loss < 0.5) {
          run.stop(); // ends after the step that it is in, with a checkpoint
        }
        Thread.sleep(20);
      }
      System.out.println(run.join().interrupted() ? "low enough" : "all steps");
    }
  }
}
