/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quickstart;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.tlora.data.format.Example.Instruction;

/**
 * Questions about made-up words. The model is pretrained on {@link #PRETRAINED}; {@link #UNSEEN}
 * puts two of those skills together under a name that it has never met.
 */
public final class WordGames {
  /**
   * A kind of question.
   *
   * @param question {@code {word}} stands for the word
   */
  private record Game(String question, UnaryOperator<String> answer) {}

  private static final String CONSONANTS = "bcdfghjklmnprstvwz";
  private static final String VOWELS = "aeiou";

  private static final List<Game> PRETRAINED =
      List.of(
          new Game("Repeat {word}.", w -> w),
          new Game("Write {word} backwards.", WordGames::reversed),
          new Game("Write {word} in capitals.", WordGames::upper),
          new Game("Write {word} twice.", w -> w + " " + w),
          new Game("Write {word} without vowels.", w -> w.replaceAll("[aeiou]", "")),
          new Game("Spell {word}.", w -> String.join("-", w.split(""))),
          new Game("Say the first letter of {word}.", w -> w.substring(0, 1)),
          new Game("Say the last letter of {word}.", w -> w.substring(w.length() - 1)),
          new Game("Count the letters of {word}.", w -> "" + w.length()));

  private static final Game UNSEEN = new Game("Shout {word} backwards.", w -> upper(reversed(w)));

  private WordGames() {}

  /** Rows to pretrain on, all games mixed; the same for the same seed. */
  public static List<Instruction> pretraining(int rows, long seed) {
    Random random = new Random(seed);
    List<Instruction> examples = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      Game game = PRETRAINED.get(random.nextInt(PRETRAINED.size()));
      examples.add(example(game, word(random)));
    }
    return examples;
  }

  /** Rows of the unseen game with words that are all different; the same for the same seed. */
  public static List<Instruction> unseen(int rows, long seed) {
    Random random = new Random(seed);
    Set<String> words = new HashSet<>();
    List<Instruction> examples = new ArrayList<>();
    while (examples.size() < rows) {
      String word = word(random);
      if (words.add(word)) {
        examples.add(example(UNSEEN, word));
      }
    }
    return examples;
  }

  private static Instruction example(Game game, String word) {
    return new Instruction(
        game.question().replace("{word}", word), game.answer().apply(word), "word games");
  }

  private static String word(Random random) {
    int length = 3 + random.nextInt(6);
    StringBuilder word = new StringBuilder();
    boolean vowel = random.nextBoolean();
    while (word.length() < length) {
      String letters = vowel ? VOWELS : CONSONANTS;
      word.append(letters.charAt(random.nextInt(letters.length())));
      vowel = !vowel;
    }
    return word.toString();
  }

  private static String reversed(String word) {
    return new StringBuilder(word).reverse().toString();
  }

  private static String upper(String word) {
    return word.toUpperCase(Locale.ROOT);
  }
}
