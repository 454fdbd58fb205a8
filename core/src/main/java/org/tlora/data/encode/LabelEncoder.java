/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import org.tlora.data.LabelledTokens;
import org.tlora.data.Labels;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.Fields;
import org.tlora.data.format.LabelledFormats;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;
import org.tlora.text.TextPair;
import org.tlora.text.Tokenizer;

/**
 * Encodes texts and pairs of them with their label, with the special tokens that the tokenizer puts
 * around them. The longer text of a row that is too long loses tokens first.
 */
public final class LabelEncoder implements RowEncoder {
  private final Tokenizer tokenizer;
  private final Labels labels;
  private final int cutoffLength;

  /**
   * An encoder.
   *
   * @param cutoffLength the most tokens of a row
   */
  public LabelEncoder(Tokenizer tokenizer, Labels labels, int cutoffLength) {
    this.tokenizer = tokenizer;
    this.labels = labels;
    this.cutoffLength = cutoffLength;
  }

  @Override
  public ExampleFormat format(String name, Fields fields, Row first) {
    return LabelledFormats.choose(name, fields, first);
  }

  @Override
  public LabelledTokens encode(Example example, RowNotes notes) {
    if (!(example instanceof Example.Labelled e)) {
      throw new InputFault(example.where() + ": an encoder learns labels, and the row has none");
    }
    TextPair pair = tokenizer.encodePair(e.first(), e.second(), cutoffLength);
    double label = labels.valueOf(e.label(), e.where());
    return new LabelledTokens(pair.ids(), pair.secondFrom(), label);
  }

  /** What rows are labelled with. */
  public Labels labels() {
    return labels;
  }

  @Override
  public int cutoffLength() {
    return cutoffLength;
  }
}
