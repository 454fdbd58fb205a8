/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import org.tlora.data.Encoded;
import org.tlora.data.LabelledTokens;
import org.tlora.data.LearnedTokens;
import org.tlora.golden.Shared;
import org.tlora.text.Tokenizer;

/** The parts of a row are all of its text, each of one kind. */
class RowPartsTest {
  private static final Tokenizer TOKENIZER =
      Tokenizer.read(Shared.path("cases/models/chatml").resolve("tokenizer.json"));

  @AfterContainer
  static void close() {
    TOKENIZER.close();
  }

  @Example
  void learnedPartsAndSpecialTokensStandByThemselves() {
    int[] ids =
        TOKENIZER.encode(
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n4<|im_end|>", false);
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, ids.length - 2, Encoded.IGNORED);
    List<RowParts.Part> parts = new RowParts(TOKENIZER).of(new LearnedTokens(ids, labels));
    assertEquals(
        List.of(
            new RowParts.Part("<|im_start|>", false, true),
            new RowParts.Part("user\nHi", false, false),
            new RowParts.Part("<|im_end|>", false, true),
            new RowParts.Part("\n", false, false),
            new RowParts.Part("<|im_start|>", false, true),
            new RowParts.Part("assistant\n", false, false),
            new RowParts.Part("4", true, false),
            new RowParts.Part("<|im_end|>", true, true)),
        parts);
  }

  /** Wherever what is learned begins and ends, within a letter of several tokens too. */
  @Property(tries = 60)
  void togetherTheyAreAllOfTheText(@ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      text.append(
          List.of("a", " word", "é", "猫", "😀", "\n", "<|im_end|>", "  ").get(draw.nextInt(8)));
    }
    int[] ids = TOKENIZER.encode(text.toString(), false);
    int[] labels = ids.clone();
    for (int i = 0; i < ids.length; i++) {
      labels[i] = draw.nextInt(3) == 0 ? labels[i] : Encoded.IGNORED;
    }
    StringBuilder together = new StringBuilder();
    new RowParts(TOKENIZER)
        .of(new LearnedTokens(ids, labels))
        .forEach(part -> together.append(part.text()));
    assertEquals(TOKENIZER.decodeVisibly(ids), together.toString());
  }

  @Example
  void ofALabelledRowNothingIsLearnedToken() {
    int[] ids = TOKENIZER.encode("a word", false);
    List<RowParts.Part> parts = new RowParts(TOKENIZER).of(new LabelledTokens(ids, ids.length, 1));
    assertEquals(List.of(new RowParts.Part("a word", false, false)), parts);
  }
}
