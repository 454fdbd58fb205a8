/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.ArrayList;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.data.Labels;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.RowEncoder;
import org.tlora.data.encode.RowOrder;
import org.tlora.data.file.DataFile;
import org.tlora.pretrained.PretrainedModel;

/**
 * What a job reads but for the model's weights. Whoever opened it closes it.
 *
 * @param labels of an encoder; null for a decoder
 * @param training rows to train on
 * @param evaluation rows to evaluate on; may be empty
 * @param newTokens ids that the tokenizer has and the model's files have not
 */
public record TuningRows(
    PretrainedModel base,
    Labels labels,
    RowEncoder encoder,
    List<Encoded> training,
    List<Encoded> evaluation,
    int[] newTokens) {
  /** Some rows, chosen by a seed. */
  static List<Encoded> sample(List<Encoded> rows, int most, long seed) {
    int n = Math.min(rows.size(), most);
    RowOrder order = new RowOrder(rows.size(), true, seed);
    List<Encoded> some = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      some.add(rows.get(order.rowAt(i)));
    }
    return some;
  }

  /**
   * The rows that a job calibrates on.
   *
   * @throws org.tlora.fault.InputFault if its file of them cannot be read
   */
  public List<Encoded> samples(TuningJob job) {
    CalibrationOptions c = job.calibration();
    if (c.data() == null) {
      return sample(training, c.samples(), job.training().seed());
    }
    try (DataSet data = DataSet.read(List.of(DataFile.of(c.data())), job.reading(), encoder)) {
      return List.copyOf(data.rows().subList(0, Math.min(data.rows().size(), c.samples())));
    }
  }

  /** The same model with other rows to train on. */
  public TuningRows with(List<Encoded> otherTraining, List<Encoded> otherEvaluation) {
    return new TuningRows(base, labels, encoder, otherTraining, otherEvaluation, newTokens);
  }
}
