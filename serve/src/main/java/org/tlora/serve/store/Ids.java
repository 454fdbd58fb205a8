/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.store;

import java.security.SecureRandom;
import java.util.Random;

/** Names that nobody guesses. */
final class Ids {
  private static final String LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
  private static final int LENGTH = 24;

  private Ids() {}

  static String next(String prefix) {
    Random random = new SecureRandom();
    StringBuilder id = new StringBuilder(prefix);
    random.ints(LENGTH, 0, LETTERS.length()).forEach(i -> id.append(LETTERS.charAt(i)));
    return id.toString();
  }
}
