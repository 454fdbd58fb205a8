/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.data.encode.DataSet;
import org.tlora.data.file.DataFile;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.pretrained.RowEncoders;
import org.tlora.text.PromptTemplate;
import org.tlora.tune.TuningJob;

/**
 * Rows that a model's loss is measured on where it is written in fewer bits: the last {@link #MOST}
 * of some files, which training holds out where it is told to.
 *
 * @param files as `data` of a tuning names them
 * @param reading how they are read
 * @param template alpaca, gsm8k, plain, or chat
 * @param cutoffLength the most tokens of a row
 */
public record MeasuredRows(
    List<String> files, RowReading reading, String template, int cutoffLength) {
  /** So many rows at most. */
  public static final int MOST = 64;

  /** Keeps a copy of the list. */
  public MeasuredRows {
    files = List.copyOf(files);
  }

  /** As a model sees them, whose tokenizer and template are used. */
  List<Encoded> of(PretrainedModel model) {
    PromptTemplate around = TuningJob.template(template);
    try (DataSet all =
        DataSet.read(
            DataFile.named(files),
            reading.reading(),
            RowEncoders.decoder(model, around, cutoffLength, reading.reading()))) {
      List<Encoded> rows = all.rows();
      return List.copyOf(rows.subList(Math.max(0, rows.size() - MOST), rows.size()));
    }
  }
}
