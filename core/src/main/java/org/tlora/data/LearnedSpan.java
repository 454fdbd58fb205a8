/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A run of a row's tokens that are all learned, or all not.
 *
 * @param ids of the tokens, in their order
 */
public record LearnedSpan(boolean learned, int[] ids) {
  /** The runs of a row, which together are all of it. */
  public static List<LearnedSpan> of(LearnedTokens tokens) {
    List<LearnedSpan> spans = new ArrayList<>();
    int[] labels = tokens.labels();
    int from = 0;
    for (int i = 1; i <= labels.length; i++) {
      boolean learned = labels[from] != Encoded.IGNORED;
      if (i == labels.length || learned != (labels[i] != Encoded.IGNORED)) {
        spans.add(new LearnedSpan(learned, Arrays.copyOfRange(tokens.ids(), from, i)));
        from = i;
      }
    }
    return spans;
  }
}
