/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

/**
 * What one answer may be made of, such as JSON alone: asked before each token and told of it. Used
 * by one thread at a time.
 */
public interface Constraint {
  /**
   * Makes tokens impossible.
   *
   * @param logits [vocabulary], those of tokens that must not come next become minus infinity; at
   *     least one stays
   */
  void restrict(float[] logits);

  /** Goes on behind a token that came. */
  void accept(int token);

  /** Whether the answer is whole, and nothing can follow it. */
  boolean isDone();
}
