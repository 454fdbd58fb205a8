/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.tlora.data.Encoded;
import org.tlora.data.LabelledTokens;
import org.tlora.data.Labels;
import org.tlora.data.LearnedTokens;

/** Rows of random tokens, for random models. */
public final class RandomRows {
  private RandomRows() {}

  /** Rows of a decoder, in which one token of all but the shortest is not learned. */
  public static List<Encoded> texts(SplittableRandom draw, int rows, int vocabulary) {
    List<Encoded> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      int[] ids = RandomModels.ids(draw, draw.nextInt(2, 7), vocabulary);
      int[] labels = ids.clone();
      if (ids.length > 2) {
        labels[1] = Encoded.IGNORED;
      }
      all.add(new LearnedTokens(ids, labels));
    }
    return all;
  }

  /** Rows of an encoder, of one text or two, each with a class or a number. */
  public static List<Encoded> labelled(
      SplittableRandom draw, int rows, int vocabulary, Labels labels) {
    List<Encoded> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      int[] ids = RandomModels.ids(draw, draw.nextInt(1, 7), vocabulary);
      double label =
          labels.isRegression() ? draw.nextDouble() : draw.nextInt(labels.classes().size());
      all.add(new LabelledTokens(ids, draw.nextInt(1, ids.length + 1), label));
    }
    return all;
  }
}
