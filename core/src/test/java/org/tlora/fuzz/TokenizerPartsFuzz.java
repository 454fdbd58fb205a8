/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tlora.fault.InputFault;
import org.tlora.text.Tokenizer;

/**
 * A {@code tokenizer.json} that is put together of every part that the native library knows, with
 * values at their limits, and texts through it. Bytes that are flipped in a file seldom get past
 * its syntax; the bytes here are dice.
 */
public final class TokenizerPartsFuzz {
  private static final String[] TEXTS = {
    "Hello, wörld\n 12", "<s> a", "", " ", "aab ab中▁b é  a\u0000<s></s>a\uD83D\uDE00", "e\u0308 aa"
  };

  private TokenizerPartsFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    ObjectNode definition = new RandomTokenizer(data).definition();
    try (Tokenizer tokenizer = Tokenizer.of(definition, "made up")) {
      for (String text : TEXTS) {
        tokenizer.decode(tokenizer.encode(text, true));
        tokenizer.decode(tokenizer.encode(text, false));
        tokenizer.decode(tokenizer.encodePlain(text));
        tokenizer.encodePair(text, null, 3);
        tokenizer.encodePair(text, "b a", 5);
      }
      tokenizer.decode(new int[] {0, 1, 2, 3, 77, Integer.MAX_VALUE});
    } catch (InputFault e) {
      // one clear line
    }
  }
}
