/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data;

import org.tlora.fault.InputFault;

/**
 * A row as a model sees it: tokens, and what is to be predicted at some of them. An objective that
 * wants more of a row brings a kind of its own, with the {@code data.encode.RowEncoder} that makes
 * it.
 */
public interface Encoded {
  /** The label of a token that no loss is taken at. */
  int IGNORED = -100;

  /** Takes what is to be predicted. */
  interface Targets {
    /**
     * At a place of the row's tokens, something is to be predicted.
     *
     * @param position of the token that it is predicted from
     * @param label a token, the number of a class, or a value
     */
    void add(int position, double label);
  }

  /** Token ids. */
  int[] ids();

  /** How many predictions have a loss: as many as {@link #targets} tells. */
  int supervisedTokens();

  /** The first token of a second text, or the number of tokens where there is none. */
  default int secondFrom() {
    return ids().length;
  }

  /** Tells what is to be predicted, in the order of the tokens. */
  void targets(Targets targets);

  /**
   * Everything that it says, as numbers, the first of which says its kind; what encodes rows makes
   * it again.
   */
  int[] contents();

  /**
   * The row of these {@link #contents}, of one of the kinds that are known here.
   *
   * @throws InputFault if the kind is another
   */
  static Encoded of(int[] contents) {
    return switch (contents[0]) {
      case LearnedTokens.KIND -> LearnedTokens.of(contents);
      case LabelledTokens.KIND -> LabelledTokens.of(contents);
      default -> throw new InputFault("encoded rows of kind " + contents[0] + " are not known");
    };
  }
}
