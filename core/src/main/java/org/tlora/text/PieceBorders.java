/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;

/**
 * Where the pre-tokenizer of byte-level BPE always splits, whatever else is around: between two
 * characters that no match of its patterns has side by side. What is on either side can then be
 * encoded by itself.
 */
final class PieceBorders {
  /** Characters up to here are what they are in every version of Unicode. */
  private static final char LAST = 0x52F;

  private final List<SplitPattern> patterns;
  private final int[] kinds = new int[LAST + 1];
  private final boolean[][] borders; // by the kinds of two characters
  private final char last; // that may stand behind a border

  private PieceBorders(List<SplitPattern> patterns, boolean composes) {
    this.patterns = patterns;
    last = composes ? 0x7F : LAST; // NFC joins no letter of ASCII with what is before it
    Map<List<List<Boolean>>, Integer> known = new HashMap<>();
    List<Character> samples = new ArrayList<>(); // one of each kind
    for (char c = 0; c <= LAST; c++) {
      char letter = c;
      List<List<Boolean>> kind = patterns.stream().map(p -> p.kindsOf(letter)).toList();
      int index = known.computeIfAbsent(kind, k -> known.size());
      kinds[c] = index;
      if (index == samples.size()) {
        samples.add(c);
      }
    }
    borders = new boolean[samples.size()][samples.size()];
    for (int a = 0; a < samples.size(); a++) {
      for (int b = 0; b < samples.size(); b++) {
        borders[a][b] = areApart(samples.get(a), samples.get(b), samples);
      }
    }
  }

  private boolean areApart(char a, char b, List<Character> samples) {
    return patterns.stream().noneMatch(p -> p.joins(a, b))
        && patterns.stream()
            .anyMatch(p -> samples.stream().allMatch(behind -> p.begins(b, behind)));
  }

  /** Those of a {@code tokenizer.json}; nothing where it does something that is not known here. */
  static Optional<PieceBorders> of(JsonNode definition) {
    boolean composes = definition.hasNonNull("normalizer");
    if (composes && !definition.path("normalizer").path("type").asText().equals("NFC")) {
      return Optional.empty();
    }
    JsonNode steps = definition.path("pre_tokenizer");
    List<SplitPattern> patterns = new ArrayList<>();
    boolean bytes = false;
    for (JsonNode step :
        steps.has("pretokenizers") ? steps.path("pretokenizers") : List.of(steps)) {
      String text = bytes ? null : pattern(step);
      if (text == null) {
        return Optional.empty();
      }
      if (!text.isEmpty()) {
        Optional<SplitPattern> pattern = SplitPattern.of(text);
        if (pattern.isEmpty()) {
          return Optional.empty();
        }
        patterns.add(pattern.get());
      }
      bytes = step.path("type").asText().equals("ByteLevel"); // it writes letters for bytes
    }
    return bytes && !patterns.isEmpty()
        ? Optional.of(new PieceBorders(patterns, composes))
        : Optional.empty();
  }

  /** What a step isolates; empty: it does not split, null: it does something else. */
  private static String pattern(JsonNode step) {
    return switch (step.path("type").asText()) {
      case "Digits" -> step.path("individual_digits").asBoolean() ? "\\p{N}" : "\\p{N}+";
      case "ByteLevel" ->
          step.path("add_prefix_space").asBoolean()
              ? null
              : step.path("use_regex").asBoolean(true) ? SplitPattern.BYTE_LEVEL : "";
      case "Split" ->
          step.path("behavior").asText().equals("Isolated") && !step.path("invert").asBoolean()
              ? step.path("pattern").path("Regex").asText(null)
              : null;
      default -> null;
    };
  }

  /** Whether there is a border between two characters. */
  boolean isBetween(char a, char b) {
    return a <= LAST && b <= last && borders[kinds[a]][kinds[b]];
  }

  /** Takes parts of a text. */
  interface Sink {
    /** The part from {@code from} up to {@code to}, which is not empty. */
    void part(int from, int to);
  }

  /** Hands over all that the pre-tokenizer makes of a text of ASCII. */
  void split(String text, Sink sink) {
    split(0, text, 0, text.length(), sink);
  }

  /** What a step matches, and what stands between: each is a text of its own for the next step. */
  private void split(int step, String text, int from, int to, Sink sink) {
    if (from == to) {
      return;
    }
    if (step == patterns.size()) {
      sink.part(from, to);
      return;
    }
    Matcher m = patterns.get(step).whole().matcher(text).region(from, to);
    int begin = from;
    while (m.find()) {
      split(step + 1, text, begin, m.start(), sink);
      split(step + 1, text, m.start(), m.end(), sink);
      begin = m.end();
    }
    split(step + 1, text, begin, to, sink);
  }
}
