/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import org.tlora.data.Labels;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.encode.LabelEncoder;
import org.tlora.data.encode.RowEncoder;
import org.tlora.text.PromptTemplate;

/** How rows become what a model learns from; one way for training and for those who look at it. */
public final class RowEncoders {
  private RowEncoders() {}

  /**
   * For a decoder.
   *
   * @param template null: the model's own chat template
   */
  public static ExampleEncoder decoder(
      PretrainedModel base, PromptTemplate template, int cutoffLength, DataSet.Reading reading) {
    return new ExampleEncoder(
        base.tokenizer(),
        template,
        base.conversationEncoder().map(c -> c.learning(reading.learning())).orElse(null),
        base.trainingEos(),
        cutoffLength);
  }

  /** For an encoder with these labels, of which no text is cut: rows to measure, not to run. */
  public static RowEncoder uncutEncoder(PretrainedModel base, Labels labels) {
    return new LabelEncoder(base.tokenizer(), labels, Integer.MAX_VALUE);
  }

  /** For an encoder with these labels. */
  public static RowEncoder encoder(PretrainedModel base, Labels labels, int cutoffLength) {
    int most = Math.min(cutoffLength, base.encoder().mostTokens());
    return new LabelEncoder(base.tokenizer(), labels, most);
  }
}
