/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import org.tlora.data.Encoded;
import org.tlora.data.LearnedSpan;
import org.tlora.data.LearnedTokens;
import org.tlora.text.PrintableText;
import org.tlora.text.Tokenizer;

/** A row for a person to look at: what is learned stands out. */
public final class PreviewText {
  private static final String GREEN = "\u001b[32m";
  private static final String PLAIN = "\u001b[0m";

  private PreviewText() {}

  /** Whether standard output is a terminal that shows colours; the launcher knows. */
  public static boolean hasColours() {
    return Boolean.getBoolean("tlora.colours");
  }

  public static String of(Encoded encoded, Tokenizer tokenizer, boolean colours) {
    if (!(encoded instanceof LearnedTokens tokens)) {
      return PrintableText.of(tokenizer.decodeVisibly(encoded.ids()));
    }
    StringBuilder out = new StringBuilder();
    for (LearnedSpan span : LearnedSpan.of(tokens)) {
      // rows may hold what would command a terminal
      String text = PrintableText.of(tokenizer.decodeVisibly(span.ids()));
      if (span.learned()) {
        out.append(colours ? GREEN : "⟦").append(text).append(colours ? PLAIN : "⟧");
      } else {
        out.append(text);
      }
    }
    return out.toString();
  }
}
