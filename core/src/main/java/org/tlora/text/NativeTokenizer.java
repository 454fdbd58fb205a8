/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/** The native library's tokenizer of a definition that it may see. For any number of threads. */
final class NativeTokenizer implements AutoCloseable {
  static {
    // the library would ask the cloud's metadata service where it runs and report that, once it is
    // loaded, and look for a newer native part elsewhere
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.offline", "true");
  }

  private static final Map<String, String> UNBOUNDED =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "true");

  private final HuggingFaceTokenizer tokenizer;

  private NativeTokenizer(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** One that cuts and pads nothing; {@code where} names it. */
  static NativeTokenizer of(ObjectNode definition, String where) {
    return of(definition, UNBOUNDED, where);
  }

  /** One that takes tokens off the longer text until no more than {@code most} are left. */
  static NativeTokenizer bounded(ObjectNode definition, int most, String where) {
    return of(
        definition,
        Map.of(
            "truncation", "true",
            "maxLength", "" + most,
            "padding", "false",
            "addSpecialTokens", "true"),
        where);
  }

  private static NativeTokenizer of(
      ObjectNode definition, Map<String, String> options, String where) {
    byte[] json = Json.compact(definition).getBytes(StandardCharsets.UTF_8);
    try {
      return new NativeTokenizer(
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options));
    } catch (IOException | RuntimeException e) {
      throw new InputFault(where + " is not a tokenizer: " + e.getMessage(), e);
    }
  }

  /**
   * The ids alone: the library's usual way copies every token's text and place out of the native
   * encoding too, which takes longer than encoding.
   */
  int[] ids(String text, boolean addSpecial) {
    long encoding = encoded(text, addSpecial);
    try {
      return ids(encoding);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  /** Tokens and their places, without tokens around the text. */
  TokenSpans spans(String text) {
    long encoding = encoded(text, false);
    try {
      return TokenSpans.of(text, ids(encoding), TokenizersLibrary.LIB.getTokenCharSpans(encoding));
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  /**
   * One text or two, with the tokens that belong around them.
   *
   * @param second null: there is one text
   */
  TextPair pair(String first, String second) {
    long handle = tokenizer.getHandle();
    long encoding =
        second == null
            ? encoded(first, true)
            : knowing(() -> TokenizersLibrary.LIB.encodeDual(handle, first, second, true));
    try {
      int[] ids = ids(encoding);
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

  /** The text of ids. */
  String decode(int[] ids, boolean withoutSpecial) {
    long[] wide = Arrays.stream(ids).asLongStream().toArray();
    return ids.length == 0 ? "" : knowing(() -> tokenizer.decode(wide, withoutSpecial));
  }

  private long encoded(String text, boolean addSpecial) {
    return knowing(() -> TokenizersLibrary.LIB.encode(tokenizer.getHandle(), text, addSpecial));
  }

  private static int[] ids(long encoding) {
    long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
    int[] narrow = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] > Integer.MAX_VALUE) {
        throw new InputFault("the tokenizer fails: a token has the id " + ids[i]);
      }
      narrow[i] = (int) ids[i];
    }
    return narrow;
  }

  /** What the library says of a text that a damaged tokenizer cannot encode. */
  private static <T> T knowing(Supplier<T> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      throw new InputFault("the tokenizer fails: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
