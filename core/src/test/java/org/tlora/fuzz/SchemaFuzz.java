/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.tlora.constrain.AllowedTokens;
import org.tlora.constrain.SchemaGrammar;
import org.tlora.constrain.Vocabulary;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.generate.Constraint;
import org.tlora.text.TokenBytes;

/** JSON Schemas that answers are to be held to, and the first tokens of an answer. */
public final class SchemaFuzz {
  private static final int TOKENS = 40;
  private static final Vocabulary BYTES = new Vocabulary(bytes());

  private SchemaFuzz() {}

  private static TokenBytes bytes() {
    byte[][] all = new byte[257][];
    for (int b = 0; b < 256; b++) {
      all[b + 1] = new byte[] {(byte) b};
    }
    return new TokenBytes(all);
  }

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      String text = new String(data, StandardCharsets.UTF_8);
      var grammar = SchemaGrammar.of(Json.parse(text, "the schema"));
      Constraint constraint = new AllowedTokens(grammar, BYTES, Set.of(0)).constraint();
      for (int i = 0; i < TOKENS && !constraint.isDone(); i++) {
        float[] logits = new float[257];
        constraint.restrict(logits);
        int next = 0; // the first that may come behind the end
        for (int t = 1; t < logits.length && logits[next] != 0; t++) {
          next = t;
        }
        if (next == 0) {
          break;
        }
        constraint.accept(next);
      }
    } catch (InputFault e) {
      // one clear line
    }
  }
}
