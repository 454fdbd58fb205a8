/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.tlora.Answer;
import org.tlora.generate.ScoredToken;

/** Writes answers as one kind of request has them, whole or in pieces. */
public interface AnswerWriter {
  /** All answers at once. */
  ObjectNode whole(List<Answer> answers);

  /** What comes before the first piece of an answer, or null. */
  ObjectNode first(int index);

  /**
   * A piece of an answer's text.
   *
   * @param scores of the tokens that are new; empty if they are not wanted
   */
  ObjectNode piece(int index, String more, List<ScoredToken> scores);

  /** Calls of tools, or null where there are none. */
  ObjectNode calls(int index, Answer answer);

  /** The last piece of an answer. */
  ObjectNode last(int index, Answer answer);

  /** What was used, behind all pieces. */
  ObjectNode used(List<Answer> answers);
}
