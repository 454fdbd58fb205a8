/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.examples;

import java.nio.file.Path;
import org.tlora.LanguageModel;
import org.tlora.TrainedAdapter;
import org.tlora.TrainingResult;
import org.tlora.Tuning;

/** Fine-tunes a model, asks it something, and writes it whole. */
public final class FirstFineTuning {
  private FirstFineTuning() {}

  /** Arguments: the model (a path or an id of the hub), a file of rows, an output directory. */
  public static void main(String[] args) {
    Path output = Path.of(args[2]);
    try (LanguageModel model = LanguageModel.load(args[0])) {
      Tuning tuning =
          Tuning.builder()
              .data(args[1])
              .template("plain")
              .rank(8)
              .epochs(2)
              .learningRate(1e-2)
              .output(output)
              .build();
      TrainingResult result = model.train(tuning).join();
      System.out.printf(
          "%d steps, last loss %.3f, %,d parameters%n",
          result.steps(), result.loss(), result.trainableParameters());

      try (TrainedAdapter adapter = model.adapter(output.toString())) {
        model.attach(adapter);
        System.out.println(model.generate("Double lanike."));
        model.export(adapter).merged(output.resolveSibling(output.getFileName() + "-merged"));
      }
    }
  }
}
