/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.tlora.text.TokenBytes;

/** A model's tokens in the order of their bytes, put in order once for all grammars. */
public final class Vocabulary {
  private final byte[][] tokens;
  private final int[] order; // of tokens that have bytes
  private final int[] common; // leading bytes that each has in common with the one before it

  /** Those of a tokenizer. */
  public Vocabulary(TokenBytes bytes) {
    tokens = bytes.bytes();
    order =
        IntStream.range(0, tokens.length)
            .filter(i -> tokens[i] != null && tokens[i].length > 0)
            .boxed()
            .sorted((x, y) -> Arrays.compareUnsigned(tokens[x], tokens[y]))
            .mapToInt(Integer::intValue)
            .toArray();
    common = new int[order.length];
    for (int i = 1; i < order.length; i++) {
      int same = Arrays.mismatch(tokens[order[i - 1]], tokens[order[i]]);
      common[i] = same < 0 ? tokens[order[i]].length : same;
    }
  }

  /** [vocabulary] bytes of each token; null for those that no text has. */
  public byte[][] tokens() {
    return tokens;
  }

  int[] order() {
    return order;
  }

  int[] common() {
    return common;
  }
}
