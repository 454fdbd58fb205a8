/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.text.Tokenizer;

/** A row for a person to look at: what is learned stands out. */
public final class PreviewText {
  private static final String GREEN = "\u001b[32m";
  private static final String PLAIN = "\u001b[0m";

  private PreviewText() {}

  /** A run of tokens that are all learned, or all not. */
  public record Span(boolean learned, int[] ids) {}

  /** Whether standard output is a terminal that shows colours; the launcher knows. */
  public static boolean hasColours() {
    return Boolean.getBoolean("tlora.colours");
  }

  public static List<Span> spans(LearnedTokens tokens) {
    List<Span> spans = new ArrayList<>();
    int[] labels = tokens.labels();
    int from = 0;
    for (int i = 1; i <= labels.length; i++) {
      boolean learned = labels[from] != Encoded.IGNORED;
      if (i == labels.length || learned != (labels[i] != Encoded.IGNORED)) {
        spans.add(new Span(learned, Arrays.copyOfRange(tokens.ids(), from, i)));
        from = i;
      }
    }
    return spans;
  }

  public static String of(Encoded encoded, Tokenizer tokenizer, boolean colours) {
    if (!(encoded instanceof LearnedTokens tokens)) {
      return tokenizer.decodeVisibly(encoded.ids());
    }
    StringBuilder out = new StringBuilder();
    for (Span span : spans(tokens)) {
      String text = printable(tokenizer.decodeVisibly(span.ids()));
      if (span.learned()) {
        out.append(colours ? GREEN : "⟦").append(text).append(colours ? PLAIN : "⟧");
      } else {
        out.append(text);
      }
    }
    return out.toString();
  }

  /** Rows may hold what would command a terminal. */
  private static String printable(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              boolean control = Character.isISOControl(c) && c != '\n' && c != '\t';
              out.append(control ? String.format("\\u%04x", c) : Character.toString(c));
            });
    return out.toString();
  }
}
