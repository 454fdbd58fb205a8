/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.benchmarks;

import java.nio.file.Path;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.file.DataFile;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.weight.WeightForms;
import org.tlora.objective.Objectives;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.text.PromptTemplate;
import org.tlora.train.HeldOutLoss;

/** What rounding weights to eight bits does to a model's perplexity. */
public final class Int8Quality {
  private Int8Quality() {}

  /** Arguments: model, data file, rows. */
  public static void main(String[] args) {
    try (PretrainedModel files = PretrainedModel.open(Path.of(args[0]));
        CausalLm model = files.load(DType.FLOAT32)) {
      ExampleEncoder encoder =
          new ExampleEncoder(files.tokenizer(), PromptTemplate.GSM8K, files.trainingEos(), 512);
      List<DataFile> data = List.of(DataFile.of(Path.of(args[1])));
      try (DataSet all = DataSet.read(data, DataSet.Reading.AUTOMATIC, encoder)) {
        List<Encoded> rows = all.rows().subList(0, Integer.parseInt(args[2]));
        double exact =
            Math.exp(HeldOutLoss.of(model, Adaptation.NONE, Objectives.of(model), rows, 8));
        model.convert(WeightForms.named("int8"), AdapterSet.empty());
        double rounded =
            Math.exp(HeldOutLoss.of(model, Adaptation.NONE, Objectives.of(model), rows, 8));
        System.out.println(
            Json.compact(
                Json.object()
                    .put("perplexity", exact)
                    .put("perplexity_int8", rounded)
                    .put("change", rounded / exact - 1)));
      }
    }
  }
}
