/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.toolcall;

import java.util.Arrays;
import org.tlora.constrain.AllowedTokens;
import org.tlora.generate.Constraint;

/**
 * Holds a model to well-formed calls of its tools: free text may come first and between, and from
 * the opening of a call on only a call may follow.
 */
public final class CallConstraint implements Constraint {
  private final byte[] opening;
  private final int openingToken; // or −1
  private final byte[][] tokens;
  private final AllowedTokens calls;
  private final boolean onlyOne;
  private byte[] tail = new byte[0];
  private Constraint call; // null outside of calls
  private boolean done;

  /**
   * A constraint for one text.
   *
   * @param opening what a call begins with, not empty
   * @param openingToken the token that is this, or −1: it is a text
   * @param tokens bytes of each, null for those that no text has
   * @param calls what stands behind the opening
   * @param onlyOne whether the text ends behind the first call
   */
  public CallConstraint(
      byte[] opening, int openingToken, byte[][] tokens, AllowedTokens calls, boolean onlyOne) {
    this.opening = opening.clone();
    this.openingToken = openingToken;
    this.tokens = tokens;
    this.calls = calls;
    this.onlyOne = onlyOne;
  }

  @Override
  public void restrict(float[] logits) {
    if (call != null) {
      call.restrict(logits);
    }
  }

  @Override
  public void accept(int token) {
    if (call != null) {
      call.accept(token);
      if (call.isDone()) {
        call = null;
        done = onlyOne;
      }
      return;
    }
    if (token == openingToken || endsWithOpening(token)) {
      call = calls.constraint();
      tail = new byte[0];
    }
  }

  private boolean endsWithOpening(int token) {
    byte[] bytes = token < tokens.length ? tokens[token] : null;
    if (bytes == null) {
      tail = new byte[0];
      return false;
    }
    byte[] all = Arrays.copyOf(tail, tail.length + bytes.length);
    System.arraycopy(bytes, 0, all, tail.length, bytes.length);
    tail = Arrays.copyOfRange(all, Math.max(0, all.length - opening.length), all.length);
    return Arrays.equals(tail, opening);
  }

  @Override
  public boolean isDone() {
    return done;
  }
}
