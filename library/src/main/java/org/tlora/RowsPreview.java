/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.data.LearnedSpan;
import org.tlora.data.LearnedTokens;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.encode.RowPreview;
import org.tlora.data.file.DataFile;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.pretrained.RowEncoders;
import org.tlora.text.PromptTemplate;
import org.tlora.tune.TuningJob;

/**
 * Rows as a model would see them in training.
 *
 * @param notes what was noticed of them, a line each
 */
public record RowsPreview(List<Row> rows, List<String> notes) {
  /**
   * A row.
   *
   * @param number from 1
   * @param format how it was read
   * @param tokens of it
   * @param learned of them
   * @param parts its text, special tokens written out; together they are all of it
   */
  public record Row(long number, String format, int tokens, int learned, List<Part> parts) {}

  /** A part of a row that is learned as a whole, or not at all. */
  public record Part(boolean learned, String text) {}

  static RowsPreview of(
      PretrainedModel base,
      Path file,
      DataSet.Reading reading,
      String template,
      int cutoffLength,
      int most) {
    PromptTemplate around = TuningJob.template(template);
    ExampleEncoder encoder = RowEncoders.decoder(base, around, cutoffLength, reading);
    List<Row> rows = new ArrayList<>();
    List<String> notes =
        RowPreview.of(DataFile.of(file), reading, encoder, most, seen -> rows.add(row(base, seen)));
    return new RowsPreview(rows, notes);
  }

  private static Row row(PretrainedModel base, RowPreview.Seen seen) {
    LearnedTokens encoded = (LearnedTokens) seen.encoded(); // as decoders have them
    List<Part> parts =
        LearnedSpan.of(encoded).stream()
            .map(s -> new Part(s.learned(), base.tokenizer().decodeVisibly(s.ids())))
            .toList();
    return new Row(
        seen.number(),
        seen.format(),
        encoded.ids().length,
        Math.toIntExact(encoded.supervisedTokens()),
        parts);
  }
}
