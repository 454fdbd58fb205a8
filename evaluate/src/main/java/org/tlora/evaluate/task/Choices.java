/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.task;

import java.util.List;

/**
 * Texts of a row to choose from by their likelihood.
 *
 * @param prompt what is shown in samples, with a line where choices stand in it
 * @param ending what is scored behind each choice, or null: the choices themselves are
 * @param all the choices in their order
 * @param right the number of the right one, from 0
 */
public record Choices(String prompt, String ending, List<Choice> all, int right) {
  /**
   * One of them.
   *
   * @param text the choice, by whose length likelihoods are normalised
   * @param prompt what comes before {@code scored}
   * @param scored the text whose likelihood stands for the choice
   */
  public record Choice(String text, String prompt, String scored) {}

  /** Keeps a copy of the list. */
  public Choices {
    all = List.copyOf(all);
  }

  /**
   * Choices behind one prompt.
   *
   * @param texts with the blank before each, where there is one
   */
  public static Choices of(String prompt, List<String> texts, int right) {
    return new Choices(
        prompt, null, texts.stream().map(t -> new Choice(t, prompt, t)).toList(), right);
  }
}
