package org.tlora.evaluate;

import org.tlora.data.Row;
import org.tlora.generate.StopWords;
import org.tlora.text.PromptTemplate;

/** Something that a decoder is scored on by what it generates. */
public non-sealed interface GenerationTask extends Task {
  /** What surrounds the question. */
  PromptTemplate template();

  /** What ends an answer. */
  StopWords stopWords();

  /** The most tokens of an answer. */
  int maxNewTokens();

  /**
   * The question of a row.
   *
   * @throws org.tlora.fault.InputFault if the row has none
   */
  String question(Row row);

  /**
   * Grades an answer.
   *
   * @throws org.tlora.fault.InputFault if the row has no reference answer
   */
  Verdict grade(Row row, String completion);
}
