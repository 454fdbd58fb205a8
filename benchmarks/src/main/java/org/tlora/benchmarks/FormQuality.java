/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.benchmarks;

import java.nio.file.Path;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.file.DataFile;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.format.Json;
import org.tlora.model.Adaptation;
import org.tlora.model.CausalLm;
import org.tlora.objective.Objectives;
import org.tlora.pretrained.BaseWeights;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.text.PromptTemplate;
import org.tlora.train.HeldOutLoss;

/** What holding weights in fewer bits does to a model's perplexity on the answers of GSM8K. */
public final class FormQuality {
  private FormQuality() {}

  /**
   * Prints a line of JSON for each form.
   *
   * @param args data file, rows, model, and forms: float32, bfloat16, as-stored, or what --quantize
   *     takes
   */
  public static void main(String[] args) {
    for (int i = 3; i < args.length; i++) {
      String form = args[i];
      DType type = form.equals("bfloat16") ? DType.BFLOAT16 : DType.FLOAT32;
      // rounded on loading here, where generation has it converted
      BaseWeights held = form.equals("int8") ? BaseWeights.of("dense", form) : Forms.named(form);
      try (PretrainedModel files = PretrainedModel.open(Path.of(args[2]));
          CausalLm model = files.load(type, Device.CPU, held)) {
        double loss = loss(files, model, Path.of(args[0]), Integer.parseInt(args[1]));
        System.out.println(
            Json.compact(
                Json.object()
                    .put("model", args[2])
                    .put("form", form)
                    .put("loss", loss)
                    .put("perplexity", Math.exp(loss))
                    .put("weight_bytes", model.weightBytes())));
      }
    }
  }

  private static double loss(PretrainedModel files, CausalLm model, Path data, int count) {
    ExampleEncoder encoder =
        new ExampleEncoder(files.tokenizer(), PromptTemplate.GSM8K, files.trainingEos(), 512);
    List<DataFile> file = List.of(DataFile.of(data));
    try (DataSet all = DataSet.read(file, DataSet.Reading.AUTOMATIC, encoder)) {
      List<Encoded> rows = all.rows().subList(0, count);
      return HeldOutLoss.of(model, Adaptation.NONE, Objectives.of(model), rows, 8);
    }
  }
}
