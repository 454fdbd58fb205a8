/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.data.Labels;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.golden.Shared;
import org.tlora.model.CausalLm;
import org.tlora.model.SequenceClassifier;
import org.tlora.model.TensorNames;
import org.tlora.pretrained.PretrainedModel;

/** The names that a configuration stands for are those of the model that is made of it. */
class TensorNamesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama3",
        "smollm2",
        "llama_bias_linear_rope",
        "mistral",
        "qwen2",
        "qwen3",
        "qwen3_tied",
        "gemma2",
        "gemma3_text",
        "phi3",
        "olmo2",
        "granite"
      })
  void decodersHaveTheirNames(String family) {
    Path directory = Shared.path("golden/families/" + family);
    try (PretrainedModel files = PretrainedModel.open(directory);
        CausalLm model = files.load(DType.FLOAT32);
        Scope scope = new Scope()) {
      assertEquals(
          new TreeSet<>(model.weights().keySet()), new TreeSet<>(TensorNames.of(files.decoder())));
      assertEquals(new TreeSet<>(model.weights().keySet()), new TreeSet<>(files.weights().names()));
      assertEquals("[]", files.notices().toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "bert_regression", "deberta-v2", "distilbert", "roberta"})
  void encodersHaveTheirNames(String family) {
    Path directory = Shared.path("golden/families/" + family);
    try (PretrainedModel files = PretrainedModel.open(directory)) {
      Labels labels = files.labels().orElseThrow();
      try (SequenceClassifier model = files.loadClassifier(labels, DType.FLOAT32);
          Scope scope = new Scope()) {
        assertEquals(
            new TreeSet<>(model.weights().keySet()),
            new TreeSet<>(TensorNames.of(files.encoder())));
        assertEquals("[]", files.notices().toString());
      }
    }
  }
}
