/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.guard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.text.Tokenizer;

/** Every definition here ended the process before it was refused, or must still be read. */
class TokenizerCheckTest {
  private static ObjectNode plain() {
    return Json.parseObject(
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
         "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0, "a": 1, "bb": 2}}}
        """,
        "test");
  }

  private static int[] encode(ObjectNode definition, String text) {
    try (Tokenizer tokenizer = Tokenizer.of(definition, "tokenizer.json")) {
      int[] ids = tokenizer.encode(text, true);
      tokenizer.decode(ids);
      return ids;
    }
  }

  private static void assertRefused(ObjectNode definition, String because) {
    InputFault fault =
        assertThrows(InputFault.class, () -> encode(definition, "Hello, wörld\n 12"));
    assertTrue(fault.getMessage().contains(because), fault.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "normalizer ~ {'type':'Rfeplace','pattern':{'String':''},'content':'aa'} ~ not known",
        "normalizer ~ {'pattern':{'String':''},'content':'aa'} ~ not known",
        "normalizer ~ {'type':'Replace','pattern':{'String':''},'content':'aa'} ~ may match nothing",
        "normalizer ~ {'type':'Replace','pattern':{'Regex':'\\\\b'},'content':'é'} ~ match nothing",
        "normalizer ~ {'type':'Prepend','prepend':''} ~ nothing to prepend",
        "normalizer ~ {'type':'Sequence','normalizers':[{'type':'Prepend','prepend':''}]} ~ prepend",
        "pre_tokenizer ~ {'type':'FixedLength','length':0} ~ no characters",
        "decoder ~ {'type':'Strip','content':'a','start':0,'stop':5} ~ Strip at the end",
        "post_processor ~ {'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'x','type_id':0}}],'pair':[],'special_tokens':{}} ~ not among special_tokens",
        "post_processor ~ {'type':'TemplateProcessing','single':[{'Sequence':{'id':'B','type_id':0}}],'pair':[],'special_tokens':{}} ~ asks for a second",
        "post_processor ~ {'type':'Sequence','processors':[{'type':'BertProcessing','sep':['a',1],'cls':['a',1]},{'type':'BertProcessing','sep':['a',1],'cls':['a',1]}]} ~ twice",
        "model ~ {'type':'BPE','continuing_subword_prefix':'##','vocab':{'aa':0,'b':1},'merges':['aa b']} ~ continuing_subword_prefix",
        "model ~ {'continuing_subword_prefix':'#','vocab':{'a':0,'é':1},'merges':[['a','é']]} ~ continuing_subword_prefix"
      })
  void aPartThatWouldEndTheProcessIsRefused(String place, String part, String because) {
    ObjectNode definition = plain();
    definition.set(place.strip(), Json.parseObject(part.replace('\'', '"'), "part"));
    assertRefused(definition, because.strip());
  }

  @ParameterizedTest
  @CsvSource({
    "'\u0000', false, true, BertNormalizer", // cleaned away
    "' ', true, false, ", // takes the blanks around it, which are itself
    "' ', false, true, Strip",
    "'', false, false, "
  })
  void anAddedTokenOfWhichNothingIsLeftIsRefused(
      String content, boolean trims, boolean normalized, String normalizer) {
    ObjectNode definition = plain();
    definition
        .putArray("added_tokens")
        .addObject()
        .put("id", 3)
        .put("content", content)
        .put("single_word", false)
        .put("lstrip", trims)
        .put("rstrip", false)
        .put("normalized", normalized)
        .put("special", false);
    if (normalizer != null) {
      ObjectNode part = definition.putObject("normalizer").put("type", normalizer);
      part.put("strip_left", true).put("strip_right", true).put("clean_text", true);
      part.put("handle_chinese_chars", false).putNull("strip_accents").put("lowercase", false);
    }
    assertRefused(definition, "added token");
  }

  @Test
  void blanksThatAreATokenOfTheirOwnAreFine() {
    ObjectNode definition = plain();
    definition
        .putArray("added_tokens")
        .add(
            Json.parseObject(
                """
        {"id": 3, "content": "  ", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": true, "special": false}
        """,
                "token"));
    assertArrayEquals(new int[] {1, 3, 1}, encode(definition, "a  a"));
    definition.putObject("normalizer").put("type", "NFC"); // as GPT-NeoX has it
    assertArrayEquals(new int[] {1, 3, 1}, encode(definition, "a  a"));
  }

  @Test
  void anIdThatIsNoPlaceInAnEmbeddingIsRefused() {
    ObjectNode definition = plain();
    ((ObjectNode) definition.path("model").path("vocab")).put("a", 1L << 31);
    InputFault fault = assertThrows(InputFault.class, () -> encode(definition, "a"));
    assertTrue(fault.getMessage().contains("2147483648"), fault.getMessage());
  }

  @Test
  void whatTheFileSaysOfCuttingIsLeftToTheCaller() {
    ObjectNode definition = plain();
    definition
        .putObject("truncation")
        .put("direction", "Right")
        .put("max_length", 1)
        .put("strategy", "LongestFirst")
        .put("stride", 7);
    definition.putObject("pre_tokenizer").put("type", "Whitespace");
    assertArrayEquals(new int[] {1, 1, 2}, encode(definition, "a a bb"));
  }

  /** A trie in which {@code a} leads to a text, by default "bb". */
  private static ObjectNode withMap(int sizeInBytes, int offset, int text) {
    int[] units = new int[512];
    units[0] = 256 << 10;
    int place = 256 ^ 'a';
    units[place] = (place ^ offset) << 10 | 1 << 8 | 'a';
    units[1] = 1 << 31 | text;
    byte[] texts = "é\0bb\0".getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(4 + 2048 + texts.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(sizeInBytes).asIntBuffer().put(units);
    bytes.position(4 + 2048).put(texts);
    ObjectNode definition = plain();
    definition
        .putObject("normalizer")
        .put("type", "Precompiled")
        .put("precompiled_charsmap", Base64.getEncoder().encodeToString(bytes.array()));
    return definition;
  }

  @Test
  void aMapOfCharactersIsFollowed() {
    assertArrayEquals(new int[] {2}, encode(withMap(2048, 1, 3), "a"));
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 1, 3", // four gigabytes of trie in two kilobytes of file
    "0, 1, 3",
    "1024, 1, 3", // half of it: the walk ends outside
    "2048, 100000, 3",
    "2048, 1, 1", // in the middle of é
    "2048, 1, 1000"
  })
  void aMapOfCharactersThatLeadsOutsideIsRefused(int size, int offset, int text) {
    assertRefused(withMap(size, offset, text), "map of characters");
  }
}
