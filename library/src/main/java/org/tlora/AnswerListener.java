/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.List;
import org.tlora.generate.ScoredToken;

/** Is told of an answer while it is written, on the thread that generates; returns soon. */
public interface AnswerListener {
  /** Tells nobody. */
  AnswerListener NONE = (content, scores) -> {};

  /**
   * There is more of it.
   *
   * @param content all of its text so far that is no call of a tool
   * @param scores of all tokens so far, calls among them; empty if they are not wanted
   */
  void onText(String content, List<ScoredToken> scores);
}
