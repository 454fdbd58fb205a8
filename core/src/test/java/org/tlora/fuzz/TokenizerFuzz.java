/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import org.tlora.fault.InputFault;
import org.tlora.text.Tokenizer;

/** {@code tokenizer.json}, and text through what it makes. */
public final class TokenizerFuzz {
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();

  private TokenizerFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try (Tokenizer tokenizer = Tokenizer.read(DIRECTORY.write("tokenizer.json", data))) {
      int[] ids = tokenizer.encode("Hello, wörld\n 12", true);
      tokenizer.decode(ids);
      tokenizer.encodePlain("<s> a");
      tokenizer.idOf("a");
    } catch (InputFault e) {
      // one clear line
    }
  }
}
