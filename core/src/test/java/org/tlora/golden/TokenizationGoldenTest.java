/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.file.DataFile;
import org.tlora.data.format.Example.Instruction;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.text.PromptTemplate;
import org.tlora.text.Tokenizer;

/** Token ids and labels equal those of the published preprocessing. */
class TokenizationGoldenTest {
  @Test
  void trainingRowsEqualThoseOfThePublishedScripts() {
    try (PretrainedModel files = PretrainedModel.open(Shared.path("golden/tiny-llama"))) {
      ExampleEncoder encoder =
          new ExampleEncoder(files.tokenizer(), PromptTemplate.ALPACA, files.trainingEos(), 512);
      DataSet data =
          DataSet.read(
              List.of(DataFile.of(Shared.path("golden/tiny-llama/train.jsonl"))),
              DataSet.Reading.AUTOMATIC,
              encoder);
      List<Encoded> expected = TinyLlama.rows();
      assertEquals(expected.size(), data.rows().size());
      for (int i = 0; i < expected.size(); i++) {
        same(expected.get(i), data.rows().get(i), "row " + i);
      }
    }
  }

  @Test
  void awkwardRowsAreEncodedAndCutAsPublished() {
    JsonNode golden = TinyLlama.Golden.read("golden/tlora/preprocess.json");
    try (PretrainedModel files = PretrainedModel.open(Shared.path("golden/tiny-llama"))) {
      int compared = 0;
      for (JsonNode cutoff : golden.path("cutoffs")) {
        int length = cutoff.path("cutoff").asInt();
        ExampleEncoder encoder =
            new ExampleEncoder(
                files.tokenizer(), PromptTemplate.ALPACA, files.trainingEos(), length);
        for (int i = 0; i < golden.path("cases").size(); i++) {
          JsonNode text = golden.path("cases").get(i);
          JsonNode row = cutoff.path("rows").get(i);
          Encoded expected =
              new LearnedTokens(
                  Expect.ints(row.path("input_ids")), Expect.ints(row.path("labels")));
          Encoded actual =
              encoder.encode(
                  new Instruction(
                      text.path("query").asText(), text.path("response").asText(), "case"));
          same(expected, actual, "cutoff " + length + ", case " + i);
          compared++;
        }
      }
      assertEquals(32, compared);
    }
  }

  @Test
  void smolLm2TokenizerOfTheGgufEqualsLlamaCpp() {
    JsonNode golden = TinyLlama.Golden.read("golden/smollm2-tokens.json");
    try (PretrainedModel files =
        PretrainedModel.open(Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf"))) {
      Tokenizer tokenizer = files.tokenizer();
      for (JsonNode c : golden.path("with_special_tokens")) {
        String text = c.path("text").asText();
        Expect.ids(c.path("ids"), tokenizer.encode(text, true), text);
      }
      for (JsonNode c : golden.path("plain")) {
        String text = c.path("text").asText();
        Expect.ids(c.path("ids"), tokenizer.encodePlain(text), text);
      }
    }
  }

  private static void same(Encoded expected, Encoded actual, String what) {
    assertEquals(
        java.util.Arrays.toString(expected.contents()),
        java.util.Arrays.toString(actual.contents()),
        what);
  }
}
