/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.fault.InputFault;

class GgufTokenizerTest {
  /** A SentencePiece vocabulary: specials, all bytes, then pieces with falling scores. */
  private static Map<String, Object> sentencePiece() {
    List<Object> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    List<Object> scores = new ArrayList<>(List.of(0.0, 0.0, 0.0));
    List<Object> types = new ArrayList<>(List.of(2L, 3L, 3L));
    for (int b = 0; b < 256; b++) {
      tokens.add(String.format("<0x%02X>", b));
      scores.add(0.0);
      types.add(6L);
    }
    // the best score merges first: "he" before "el", so hello is he + l + lo, not h + el + lo
    for (String piece : List.of("he", "el", "lo", "▁h", "▁", "h", "e", "l", "o")) {
      tokens.add(piece);
      scores.add(-(double) (tokens.size() - 259));
      types.add(1L);
    }
    Map<String, Object> metadata = new HashMap<>();
    metadata.put("tokenizer.ggml.model", "llama");
    metadata.put("tokenizer.ggml.tokens", tokens);
    metadata.put("tokenizer.ggml.scores", scores);
    metadata.put("tokenizer.ggml.token_type", types);
    metadata.put("tokenizer.ggml.bos_token_id", 1L);
    metadata.put("tokenizer.ggml.unknown_token_id", 0L);
    return metadata;
  }

  @Test
  void sentencePieceMergesByScoreAndFallsBackToBytes() {
    Map<String, Object> metadata = sentencePiece();
    try (Tokenizer t = Tokenizer.of(GgufTokenizer.definition(metadata, "test"), "test")) {
      List<?> tokens = (List<?>) metadata.get("tokenizer.ggml.tokens");
      int[] expected = {
        1, tokens.indexOf("▁"), tokens.indexOf("he"), tokens.indexOf("l"), tokens.indexOf("lo")
      };
      assertArrayEquals(expected, t.encode("hello", true));
      int[] bytes = t.encode("é", false);
      assertEquals(3, bytes.length, "the prefix and two bytes");
      assertEquals(3 + 0xc3, bytes[1]);
      assertEquals("hello é", t.decode(t.encode("hello é", true)));
    }
  }

  private static Map<String, Object> byteLevel(String pre) {
    List<Object> tokens = new ArrayList<>();
    List<Object> types = new ArrayList<>();
    for (char c = '!'; c <= '~'; c++) {
      tokens.add("" + c);
      types.add(1L);
    }
    tokens.addAll(List.of("Ġ", "12", "123", "Ġa", "<|end|>"));
    types.addAll(List.of(1L, 1L, 1L, 1L, 3L));
    Map<String, Object> metadata = new HashMap<>();
    metadata.put("tokenizer.ggml.model", "gpt2");
    metadata.put("tokenizer.ggml.pre", pre);
    metadata.put("tokenizer.ggml.tokens", tokens);
    metadata.put("tokenizer.ggml.token_type", types);
    metadata.put("tokenizer.ggml.merges", List.<Object>of("1 2", "12 3", "Ġ a"));
    return metadata;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "default",
        "gpt-2",
        "smollm",
        "llama-bpe",
        "qwen2",
        "refact",
        "starcoder",
        "command-r",
        "mpt",
        "olmo",
        "dbrx",
        "deepseek-r1-qwen"
      })
  void numbersSplitAsThePreTokenizerSays(String pre) {
    try (Tokenizer t = Tokenizer.of(GgufTokenizer.definition(byteLevel(pre), "test"), "test")) {
      int pieces = t.encode("1231", false).length;
      int expected =
          switch (pre) {
            case "smollm", "qwen2", "refact", "starcoder", "command-r", "deepseek-r1-qwen" ->
                4; // digit by digit
            default -> 2; // 123 and 1
          };
      assertEquals(expected, pieces, pre);
      assertEquals(1, t.encode(" a", false).length);
      assertEquals(1, t.encode("<|end|>", false).length);
      assertEquals(7, t.encodePlain("<|end|>").length);
      assertEquals("x 1231", t.decode(t.encode("x 1231<|end|>", false)));
    }
  }

  @Test
  void unknownKindsAreNamed() {
    InputFault pre =
        assertThrows(
            InputFault.class, () -> GgufTokenizer.definition(byteLevel("martian"), "file.gguf"));
    assertTrue(pre.getMessage().contains("martian") && pre.getMessage().contains("smollm"));
    Map<String, Object> metadata = byteLevel("gpt-2");
    metadata.put("tokenizer.ggml.model", "rwkv");
    assertThrows(InputFault.class, () -> GgufTokenizer.definition(metadata, "file.gguf"));
    metadata.remove("tokenizer.ggml.tokens");
    assertThrows(InputFault.class, () -> GgufTokenizer.definition(metadata, "file.gguf"));
  }
}
