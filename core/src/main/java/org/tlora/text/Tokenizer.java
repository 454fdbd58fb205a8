/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.text.guard.TokenizerCheck;

/**
 * A Hugging Face {@code tokenizer.json}: byte-level BPE, unigram and whatever else it declares. For
 * any number of threads.
 */
public final class Tokenizer implements Function<int[], String>, AutoCloseable {
  private static final long FEW = 1 << 15; // chars that need no pieces

  private final ObjectNode definition;
  private final NativeTokenizer library;
  private final AtomicLong chars = new AtomicLong(); // of all texts, until pieces are worth while
  private volatile Optional<PieceEncoder> pieces; // null: not tried yet
  private Tokenizer plain; // null: not asked for yet
  private Around around; // null: not known yet
  private final Map<Integer, NativeTokenizer> bounded = new ConcurrentHashMap<>(); // by its bound

  /** Tokens that belong before every text, and how many belong behind it. */
  private record Around(int[] before, int behind) {}

  private Tokenizer(ObjectNode definition, String where) {
    this.definition = definition;
    library = NativeTokenizer.of(uncut(definition), where);
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
    return of(Json.readObject(file), file.toString());
  }

  /** A tokenizer from the contents of a {@code tokenizer.json}; {@code where} names its source. */
  public static Tokenizer of(ObjectNode definition, String where) {
    // once: what is built later has no part that this has not
    TokenizerCheck.check(definition, where);
    BlankTokens.check(definition, where);
    return new Tokenizer(definition, where);
  }

  /** Every call says for itself what is cut and padded. */
  private static ObjectNode uncut(ObjectNode definition) {
    ObjectNode uncut = definition.objectNode().setAll(definition);
    return uncut.putNull("truncation").putNull("padding");
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
    whole(text);
    int[] ids = piecesFor(text).map(p -> p.ids(text)).orElse(null);
    if (!addSpecial) {
      return ids == null ? library.ids(text, false) : ids;
    }
    Around known = around();
    if (ids != null && known.before() != null) {
      int n = known.before().length;
      int[] all = Arrays.copyOf(known.before(), n + ids.length);
      System.arraycopy(ids, 0, all, n, ids.length);
      return all;
    }
    int[] all = library.ids(text, true);
    return Arrays.copyOf(all, Math.max(0, all.length - known.behind()));
  }

  /** For the first few texts there is none: it would cost more than it saves. */
  private Optional<PieceEncoder> piecesFor(String text) {
    if (pieces == null) {
      if (chars.addAndGet(text.length()) < FEW) {
        return Optional.empty();
      }
      synchronized (this) {
        if (pieces == null) {
          pieces = PieceEncoder.of(definition, library);
        }
      }
    }
    return pieces;
  }

  /** What the tokenizer adds; a null before where that cannot be told. */
  private synchronized Around around() {
    if (around == null) {
      int[] bare = library.ids("a", false);
      int[] whole = library.ids("a", true);
      around = new Around(null, 0);
      for (int i = 0; i + bare.length <= whole.length; i++) {
        if (bare.length > 0 && Arrays.equals(bare, 0, bare.length, whole, i, i + bare.length)) {
          around = new Around(Arrays.copyOf(whole, i), whole.length - i - bare.length);
        }
      }
    }
    return around;
  }

  /**
   * Tokens and the parts of the text that they are made of, without tokens around it. Special
   * tokens that are written out in the text become those tokens.
   */
  public TokenSpans encodeWithSpans(String text) {
    whole(text);
    return piecesFor(text)
        .filter(PieceEncoder::places)
        .map(p -> p.spans(text))
        .orElseGet(() -> library.spans(text));
  }

  /** Token ids of {@code text} with special tokens taken as plain text, and none added. */
  public int[] encodePlain(String text) {
    return plain().encode(text, false);
  }

  private synchronized Tokenizer plain() {
    if (plain == null) {
      ObjectNode bare = definition.deepCopy();
      bare.putArray("added_tokens");
      bare.putNull("post_processor");
      plain = new Tokenizer(bare, "the tokenizer without added tokens");
    }
    return plain;
  }

  /**
   * Token ids of one text or two, with the tokens that belong around them.
   *
   * @param second null: there is one text
   * @param most tokens; what is more is taken off the longer text
   */
  public TextPair encodePair(String first, String second, int most) {
    return bounded
        .computeIfAbsent(most, m -> NativeTokenizer.bounded(uncut(definition), m, "the tokenizer"))
        .pair(whole(first), whole(second));
  }

  /** {@link #decode}, for what needs nothing else of a tokenizer. */
  @Override
  public String apply(int[] ids) {
    return decode(ids);
  }

  /** The text of {@code ids}, without special tokens. */
  public String decode(int[] ids) {
    return library.decode(ids, true);
  }

  /** The text of {@code ids} with special tokens written out. */
  public String decodeVisibly(int[] ids) {
    return library.decode(ids, false);
  }

  private static String whole(String text) {
    if (text != null && HalfLetters.areIn(text)) {
      throw new InputFault("a text has half a letter in it (a surrogate without its other half)");
    }
    return text;
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

  @Override
  public void close() {
    if (pieces != null) {
      pieces.ifPresent(PieceEncoder::close);
    }
    library.close();
    bounded.values().forEach(NativeTokenizer::close);
    if (plain != null) {
      plain.close();
    }
  }
}
