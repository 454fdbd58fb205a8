/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data;

import java.nio.IntBuffer;

/**
 * A text of which tokens are learned.
 *
 * @param ids token ids
 * @param labels the same ids where they are learned, {@link #IGNORED} elsewhere
 */
public record LearnedTokens(int[] ids, int[] labels) implements Encoded {
  static final int KIND = 0;

  /** The first token is predicted from nothing and never counts. */
  @Override
  public int supervisedTokens() {
    int n = 0;
    for (int i = 1; i < labels.length; i++) {
      if (labels[i] != IGNORED) {
        n++;
      }
    }
    return n;
  }

  @Override
  public void targets(Targets targets) {
    for (int i = 0; i + 1 < labels.length; i++) {
      if (labels[i + 1] != IGNORED) {
        targets.add(i, labels[i + 1]);
      }
    }
  }

  @Override
  public int[] contents() {
    return IntBuffer.allocate(1 + 2 * ids.length).put(KIND).put(ids).put(labels).array();
  }

  static LearnedTokens of(int[] contents) {
    int n = contents.length / 2;
    int[] ids = new int[n];
    int[] labels = new int[n];
    IntBuffer.wrap(contents).position(1).get(ids).get(labels);
    return new LearnedTokens(ids, labels);
  }
}
