/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.text.guard.TokenizerCheck;

/** A Hugging Face {@code tokenizer.json}: byte-level BPE, unigram and whatever else it declares. */
public final class Tokenizer implements Function<int[], String>, AutoCloseable {
  static {
    // the library would ask the cloud's metadata service where it runs and report that, once it is
    // loaded, and look for a newer native part elsewhere
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.offline", "true");
  }

  private final ObjectNode definition;
  private final HuggingFaceTokenizer tokenizer;
  private HuggingFaceTokenizer plain;
  private int behind = -1; // tokens that belong behind every text; −1: not known yet
  private HuggingFaceTokenizer bounded;
  private int bound;

  static final Map<String, String> UNBOUNDED =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "true");

  private Tokenizer(ObjectNode definition, String where) {
    // once: what is built later has no part that this has not
    TokenizerCheck.check(definition, where);
    BlankTokens.check(definition, where);
    this.definition = definition;
    this.tokenizer = build(definition, UNBOUNDED, where);
  }

  /**
   * Reads a {@code tokenizer.json}.
   *
   * @throws InputFault if it is missing or damaged
   */
  public static Tokenizer read(Path file) {
    if (!Files.exists(file)) {
      throw new InputFault(file + " is missing: the model has no tokenizer");
    }
    return new Tokenizer(Json.readObject(file), file.toString());
  }

  /** A tokenizer from the contents of a {@code tokenizer.json}; {@code where} names its source. */
  public static Tokenizer of(ObjectNode definition, String where) {
    return new Tokenizer(definition, where);
  }

  private static HuggingFaceTokenizer build(
      ObjectNode definition, Map<String, String> options, String where) {
    // every call says for itself what is cut and padded
    ObjectNode uncut = definition.objectNode().setAll(definition);
    return natively(uncut.putNull("truncation").putNull("padding"), options, where);
  }

  /** The native tokenizer of a definition that the library may see. */
  static HuggingFaceTokenizer natively(
      ObjectNode definition, Map<String, String> options, String where) {
    byte[] json = Json.compact(definition).getBytes(StandardCharsets.UTF_8);
    try {
      return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options);
    } catch (IOException | RuntimeException e) {
      throw new InputFault(where + " is not a tokenizer: " + e.getMessage(), e);
    }
  }

  /** The contents of the {@code tokenizer.json}. */
  public ObjectNode definition() {
    return definition;
  }

  /**
   * Token ids of {@code text}. Special tokens that are written out in the text become those tokens.
   *
   * @param addSpecial whether the tokens that belong before every text (often a bos) are added;
   *     those that some tokenizers add behind it are not, since a text that is to go on does not
   *     end
   */
  public int[] encode(String text, boolean addSpecial) {
    int[] ids = ids(tokenizer, whole(text), addSpecial);
    return addSpecial ? Arrays.copyOf(ids, Math.max(0, ids.length - behind())) : ids;
  }

  /** How many tokens the tokenizer adds behind every text. */
  private synchronized int behind() {
    if (behind < 0) {
      int[] bare = ids(tokenizer, "a", false);
      int[] whole = ids(tokenizer, "a", true);
      behind = 0;
      for (int i = 0; i + bare.length <= whole.length; i++) {
        if (bare.length > 0 && Arrays.equals(bare, 0, bare.length, whole, i, i + bare.length)) {
          behind = whole.length - i - bare.length;
        }
      }
    }
    return behind;
  }

  /**
   * Tokens and the parts of the text that they are made of, without tokens around it. Special
   * tokens that are written out in the text become those tokens.
   */
  public TokenSpans encodeWithSpans(String text) {
    long encoding =
        knowing(() -> TokenizersLibrary.LIB.encode(tokenizer.getHandle(), whole(text), false));
    try {
      int[] ids = ints(TokenizersLibrary.LIB.getTokenIds(encoding));
      return TokenSpans.of(text, ids, TokenizersLibrary.LIB.getTokenCharSpans(encoding));
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  /** Token ids of {@code text} with special tokens taken as plain text, and none added. */
  public synchronized int[] encodePlain(String text) {
    if (plain == null) {
      ObjectNode bare = definition.deepCopy();
      bare.putArray("added_tokens");
      bare.putNull("post_processor");
      plain = build(bare, UNBOUNDED, "the tokenizer without added tokens");
    }
    return ids(plain, text, false);
  }

  /**
   * Token ids of one text or two, with the tokens that belong around them.
   *
   * @param second null: there is one text
   * @param most tokens; what is more is taken off the longer text
   */
  public synchronized TextPair encodePair(String first, String second, int most) {
    if (bounded == null || bound != most) {
      closeBounded();
      bounded =
          build(
              definition,
              Map.of(
                  "truncation",
                  "true",
                  "maxLength",
                  "" + most,
                  "padding",
                  "false",
                  "addSpecialTokens",
                  "true"),
              "the tokenizer");
      bound = most;
    }
    long handle = bounded.getHandle();
    long encoding =
        knowing(
            () ->
                second == null
                    ? TokenizersLibrary.LIB.encode(handle, whole(first), true)
                    : TokenizersLibrary.LIB.encodeDual(handle, whole(first), whole(second), true));
    try {
      int[] ids = ints(TokenizersLibrary.LIB.getTokenIds(encoding));
      long[] types = TokenizersLibrary.LIB.getTypeIds(encoding);
      int secondFrom = 0;
      while (secondFrom < types.length && types[secondFrom] == 0) {
        secondFrom++;
      }
      return new TextPair(ids, secondFrom);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  private void closeBounded() {
    if (bounded != null) {
      bounded.close();
    }
  }

  /**
   * The ids alone: the library's usual way copies every token's text and place out of the native
   * encoding too, which takes longer than encoding.
   */
  private static int[] ids(HuggingFaceTokenizer tokenizer, String text, boolean addSpecial) {
    long encoding =
        knowing(() -> TokenizersLibrary.LIB.encode(tokenizer.getHandle(), text, addSpecial));
    try {
      return ints(TokenizersLibrary.LIB.getTokenIds(encoding));
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  /** {@link #decode}, for what needs nothing else of a tokenizer. */
  @Override
  public String apply(int[] ids) {
    return decode(ids);
  }

  /** The text of {@code ids}, without special tokens. */
  public String decode(int[] ids) {
    if (ids.length == 0) {
      return "";
    }
    long[] wide = Arrays.stream(ids).asLongStream().toArray();
    return knowing(() -> tokenizer.decode(wide, true));
  }

  /** The text of {@code ids} with special tokens written out. */
  public String decodeVisibly(int[] ids) {
    long[] wide = Arrays.stream(ids).asLongStream().toArray();
    return ids.length == 0 ? "" : knowing(() -> tokenizer.decode(wide, false));
  }

  private static String whole(String text) {
    if (text != null && HalfLetters.areIn(text)) {
      throw new InputFault("a text has half a letter in it (a surrogate without its other half)");
    }
    return text;
  }

  /** What the library says of a text that a damaged tokenizer cannot encode. */
  private static <T> T knowing(Supplier<T> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      throw new InputFault("the tokenizer fails: " + e.getMessage(), e);
    }
  }

  /** The id of a token by its exact content, or −1. */
  public int idOf(String token) {
    for (var added : definition.path("added_tokens")) {
      if (added.path("content").asText().equals(token)) {
        return added.path("id").asInt(-1);
      }
    }
    return definition.path("model").path("vocab").path(token).asInt(-1);
  }

  /** Whether a token is one of those that no text has. */
  public boolean isSpecial(int id) {
    for (var added : definition.path("added_tokens")) {
      if (added.path("id").asInt(-1) == id) {
        return added.path("special").asBoolean();
      }
    }
    return false;
  }

  /** The exact content of a token, or null. */
  public String tokenOf(int id) {
    for (var added : definition.path("added_tokens")) {
      if (added.path("id").asInt(-1) == id) {
        return added.path("content").asText();
      }
    }
    for (var e : definition.path("model").path("vocab").properties()) {
      if (e.getValue().asInt(-1) == id) {
        return e.getKey();
      }
    }
    return null;
  }

  private static int[] ints(long[] ids) {
    int[] narrow = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] > Integer.MAX_VALUE) {
        throw new InputFault("the tokenizer fails: a token has the id " + ids[i]);
      }
      narrow[i] = (int) ids[i];
    }
    return narrow;
  }

  @Override
  public void close() {
    tokenizer.close();
    closeBounded();
    if (plain != null) {
      plain.close();
    }
  }
}
