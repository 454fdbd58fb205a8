/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.tlora.fault.InputFault;

/**
 * Added tokens of which nothing, or nothing but blanks, is left to look for. The native library
 * finds them everywhere, or in each other's margins, and then cuts a text in the wrong places.
 */
final class BlankTokens {
  private BlankTokens() {}

  /**
   * Looks for one.
   *
   * @param definition whose normalizer is one that the library may see
   * @throws InputFault if there is one
   */
  static void check(ObjectNode definition, String where) {
    boolean normalizes = definition.hasNonNull("normalizer");
    try (Remainder whole = new Remainder(definition, null, where);
        Remainder words = new Remainder(definition, "WhitespaceSplit", where)) {
      for (JsonNode token : definition.path("added_tokens")) {
        String content = token.path("content").asText();
        boolean trims = token.path("lstrip").asBoolean() || token.path("rstrip").asBoolean();
        boolean gone = content.isEmpty() || (trims && isBlank(content));
        if (!gone && normalizes && token.path("normalized").asBoolean()) {
          gone = (trims ? words : whole).isNothing(content);
        }
        if (gone) {
          throw new InputFault(
              where + ": nothing would be left of the added token '" + content + "'");
        }
      }
    }
  }

  private static boolean isBlank(String content) {
    return content
        .codePoints()
        .allMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85);
  }

  /** Tells what the normalizer of a definition leaves of a text. */
  private static final class Remainder implements AutoCloseable {
    private final ObjectNode definition;
    private final String where;
    private NativeTokenizer tokenizer;

    /**
     * For one definition; the native tokenizer is made once it is asked for.
     *
     * @param preTokenizer null: every text that is not empty is a token
     */
    Remainder(ObjectNode whose, String preTokenizer, String where) {
      this.where = where;
      definition = whose.objectNode().put("version", "1.0");
      definition.putArray("added_tokens");
      definition.set("normalizer", whose.path("normalizer"));
      if (preTokenizer != null) {
        definition.putObject("pre_tokenizer").put("type", preTokenizer);
      }
      ObjectNode model = definition.putObject("model");
      model.put("type", "WordLevel").put("unk_token", "?").putObject("vocab").put("?", 0);
    }

    boolean isNothing(String text) {
      if (tokenizer == null) {
        tokenizer = NativeTokenizer.of(definition, where);
      }
      return tokenizer.ids(text, false).length == 0;
    }

    @Override
    public void close() {
      if (tokenizer != null) {
        tokenizer.close();
      }
    }
  }
}
