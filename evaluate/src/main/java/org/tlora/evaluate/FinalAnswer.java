/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the places where a text of a chat model says what its answer is. */
final class FinalAnswer {
  private static final Pattern THOUGHTS =
      Pattern.compile("(?s)<(think|thinking|thought|reasoning)>.*?</\\1>");
  private static final Pattern BOX = Pattern.compile("\\\\(?:boxed|fbox)\\s*");
  private static final Pattern HASHES = Pattern.compile("#{4,}[ \\t]*([^\\n]+)");
  private static final Pattern PHRASE =
      Pattern.compile(
          "(?i)\\b(?:answers?|(?:final|correct|right|best)\\s+(?:result|value|option|choice))\\b"
              + "(?:\\s*\\([^)\\n]{0,60}\\))?[*_`\"')\\]]*"
              + "(?:[^.:=\\n]{0,80}?\\b(?:is|are|was|be|equals)\\b[ \\t*_`]*:?|\\s*[:=])[*_`]*");
  private static final Pattern SENTENCE_END = Pattern.compile("[.!?](?=\\s+[\\p{Lu}(\\[]|\\s*$)");
  private static final Pattern DENIED = Pattern.compile("(?i)^\\s*not\\b");

  private FinalAnswer() {}

  /** How an answer is marked. */
  enum Mark {
    /** {@code #### 18}, as GSM8K's own solutions have it; it may be a heading as well. */
    HASHES,
    /** {@code \boxed{18}}. */
    BOX,
    /** "The answer is 18", "Answer: 18". */
    PHRASE
  }

  /**
   * A place.
   *
   * @param at where it starts
   * @param text what is in the box, behind the hashes, or behind the phrase to the sentence's end
   */
  record Place(Mark mark, int at, String text) {}

  /** Without what a model thought before it answered. */
  static String withoutThoughts(String text) {
    String rest = THOUGHTS.matcher(text).replaceAll("");
    int end = rest.lastIndexOf("</think>"); // whose opening was part of the prompt
    rest = end < 0 ? rest : rest.substring(end + "</think>".length());
    return rest.isBlank() ? text : rest;
  }

  /** All places, the last one first. */
  static List<Place> placesIn(String text) {
    List<Place> places = new ArrayList<>(boxes(text));
    Matcher hashes = HASHES.matcher(text);
    while (hashes.find()) {
      places.add(new Place(Mark.HASHES, hashes.start(), hashes.group(1).strip()));
    }
    Matcher phrase = PHRASE.matcher(text);
    while (phrase.find()) {
      String said = sentence(text, phrase.end());
      if (!DENIED.matcher(said).find()) {
        places.add(new Place(Mark.PHRASE, phrase.start(), said));
      }
    }
    places.sort(Comparator.comparingInt(Place::at).reversed());
    return places;
  }

  /** The contents of all boxes, in their order. */
  static List<Place> boxes(String text) {
    List<Place> boxes = new ArrayList<>();
    Matcher m = BOX.matcher(text);
    while (m.find()) {
      int end = m.end() < text.length() && text.charAt(m.end()) == '{' ? close(text, m.end()) : -1;
      if (end >= 0) {
        boxes.add(new Place(Mark.BOX, m.start(), text.substring(m.end() + 1, end).strip()));
      } else if (m.end() < text.length() && Character.isLetterOrDigit(text.charAt(m.end()))) {
        boxes.add(new Place(Mark.BOX, m.start(), text.substring(m.end(), m.end() + 1)));
      }
    }
    return boxes;
  }

  /** Where the brace that opens at a place is closed, or −1. */
  static int close(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++; // \{ and \} are signs, not braces of the notation
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && --depth == 0) {
        return i;
      }
    }
    return -1;
  }

  /**
   * What is said from a place on: a displayed formula whole, else the rest of the sentence; where
   * nothing is left of the line, the next one that is not empty.
   */
  private static String sentence(String text, int from) {
    String rest = text.substring(from).replaceFirst("^[\\s*_`>]+", "");
    for (String[] d : new String[][] {{"$$", "$$"}, {"\\[", "\\]"}}) {
      int end = rest.startsWith(d[0]) ? rest.indexOf(d[1], 2) : -1;
      if (end >= 0) {
        return rest.substring(0, end + 2);
      }
    }
    int line = rest.indexOf('\n');
    String said = line < 0 ? rest : rest.substring(0, line);
    if (said.strip().endsWith(":") && line >= 0) { // "the answer is as follows:"
      return sentence(text, text.length() - rest.length() + line + 1);
    }
    Matcher end = SENTENCE_END.matcher(said);
    return (end.find() ? said.substring(0, end.start()) : said).strip();
  }
}
