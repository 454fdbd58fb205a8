package org.tlora.data.encode;

/** A row as a model sees it. */
public sealed interface Encoded permits LearnedTokens, LabelledTokens {
  /** The label of a token that no loss is taken at. */
  int IGNORED = -100;

  /** Token ids. */
  int[] ids();

  /** How many predictions have a loss. */
  int supervisedTokens();

  /** Everything that it says, as numbers; {@link #of} makes it again. */
  int[] contents();

  /** The row of these {@link #contents}. */
  static Encoded of(int[] contents) {
    return contents[0] == LabelledTokens.KIND
        ? LabelledTokens.of(contents)
        : LearnedTokens.of(contents);
  }
}
