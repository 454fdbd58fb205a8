/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.generate.Constraint;
import org.tlora.text.TokenBytes;

/** Whatever a model would like to write, what comes out is what the schema allows. */
final class SchemaGrammarTest {
  private static final int END = 0;

  /** All bytes, and pieces as tokenizers have them, which cross the borders of JSON's parts. */
  private static TokenBytes vocabulary() {
    List<byte[]> all = new ArrayList<>();
    all.add(null);
    for (int b = 0; b < 256; b++) {
      all.add(new byte[] {(byte) b});
    }
    for (String piece :
        new String[] {
          "{\"", "\":", "\": ", "\",\"", "\", \"", "},{", "}}", "]}", "[]", "{}", "true", "false",
          "null", "\n  ", "12", "-1", "0.", "e+", "name", "\\u00", "é", "日本", "\\\"", "true,", "\"}"
        }) {
      all.add(piece.getBytes(StandardCharsets.UTF_8));
    }
    return new TokenBytes(all.toArray(byte[][]::new));
  }

  private static final String[] SCHEMAS = {
    "{}",
    "{\"type\":\"object\"}",
    "{\"type\":\"string\"}",
    "{\"type\":\"string\",\"minLength\":2,\"maxLength\":5}",
    "{\"type\":\"string\",\"pattern\":\"^[A-Z]{2,3}-\\\\d+(a|bc)?$\"}",
    "{\"type\":\"string\",\"format\":\"date-time\"}",
    "{\"type\":\"string\",\"format\":\"date\"}",
    "{\"type\":\"string\",\"format\":\"ipv4\"}",
    "{\"type\":\"string\",\"format\":\"uuid\"}",
    "{\"type\":\"string\",\"format\":\"uri\"}",
    "{\"type\":\"string\",\"format\":\"hostname\"}",
    "{\"type\":\"integer\"}",
    "{\"type\":\"integer\",\"minimum\":-120,\"maximum\":4711}",
    "{\"type\":\"integer\",\"exclusiveMinimum\":99}",
    "{\"type\":\"integer\",\"maximum\":-7,\"format\":\"int32\"}",
    "{\"type\":\"number\"}",
    "{\"type\":\"number\",\"minimum\":0}",
    "{\"type\":[\"integer\",\"null\"],\"minimum\":3}",
    "{\"enum\":[\"a\\\"b\",1,null,{\"x\":[true]}]}",
    "{\"const\":\"only this\"}",
    "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"minItems\":2,\"maxItems\":4}",
    "{\"type\":\"array\",\"maxItems\":0}",
    "{\"anyOf\":[{\"type\":\"boolean\"},{\"type\":\"array\",\"items\":{\"type\":\"null\"}}]}",
    "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}}",
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"string\"},"
        + "\"c\":{\"type\":\"boolean\"}},\"required\":[\"b\"],\"additionalProperties\":false}",
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"title\":\"T\"}",
    "{\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{\"value\":{\"type\":\"integer\"},"
        + "\"next\":{\"anyOf\":[{\"$ref\":\"#/$defs/node\"},{\"type\":\"null\"}]}},\"required\":"
        + "[\"value\",\"next\"],\"additionalProperties\":false}},\"$ref\":\"#/$defs/node\"}",
  };

  @Property(tries = 40)
  void whatIsWrittenIsWhatTheSchemaAllows(@ForAll long seed) {
    Random random = new Random(seed);
    TokenBytes vocabulary = vocabulary();
    for (String schema : SCHEMAS) {
      JsonNode parsed = Json.parse(schema, "here");
      AllowedTokens tokens =
          new AllowedTokens(SchemaGrammar.of(parsed), new Vocabulary(vocabulary), Set.of(END));
      String text = written(tokens.constraint(), vocabulary, random);
      var validator =
          JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(parsed);
      JsonNode value = Json.parse(text, "here");
      var problems =
          validator.validate(
              value, context -> context.getExecutionConfig().setFormatAssertionsEnabled(true));
      assertEquals(Set.of(), problems, schema + " gave " + text);
    }
  }

  @Property(tries = 60)
  void anObjectIsAnObject(@ForAll long seed) {
    TokenBytes vocabulary = vocabulary();
    AllowedTokens tokens =
        new AllowedTokens(SchemaGrammar.anyObject(), new Vocabulary(vocabulary), Set.of(END));
    String text = written(tokens.constraint(), vocabulary, new Random(seed));
    assertTrue(Json.parse(text, "here").isObject(), text);
  }

  /** Like a model that has no idea, but likes to come to an end. */
  private static String written(Constraint constraint, TokenBytes vocabulary, Random random) {
    java.io.ByteArrayOutputStream text = new java.io.ByteArrayOutputStream();
    for (int i = 0; !constraint.isDone(); i++) {
      assertTrue(
          i < 100_000,
          () -> "no end of " + text.toString(StandardCharsets.UTF_8).substring(0, 300));
      float[] logits = new float[vocabulary.bytes().length];
      for (int t = 0; t < logits.length; t++) {
        byte[] bytes = vocabulary.bytes()[t];
        boolean closes =
            bytes != null && bytes.length > 0 && "\"}]".indexOf(bytes[bytes.length - 1]) >= 0;
        logits[t] = random.nextFloat() + (closes && i > 30 ? random.nextFloat() : 0);
      }
      logits[END] = i > 30 ? 2 : 0;
      constraint.restrict(logits);
      int best = 0;
      for (int t = 1; t < logits.length; t++) {
        best = logits[t] > logits[best] ? t : best;
      }
      assertTrue(Float.isFinite(logits[best]));
      constraint.accept(best);
      if (best == END) {
        break;
      }
      text.writeBytes(vocabulary.bytes()[best]);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"type":"integer","minimum":7,"maximum":13}|7 10 13|6 14 007 7.0
          {"type":"integer","minimum":-3,"maximum":2}|-3 -1 0 2|-4 3 -0
          {"type":"integer","minimum":995,"maximum":10003}|995 999 1000 9999 10003|994 10004 95
          {"type":"integer","minimum":0}|0 5 123456|-1 01
          {"type":"number"}|0 -0.5 1e9 12.25E-3|.5 1. 01 +1 NaN
          {"format":"email"}|"a.b+c@d-e.org" "x@y.z.info"|"a@b" "@b.de" "a..b@c.de" "a@-b.de"
          {"type":"string","maxLength":2}|"" "ab" "\\n\\t" "é日"|"abc" "\\n\\n\\n" ab
          """)
  void acceptsExactlyThese(String schema, String good, String bad) {
    Grammar grammar = SchemaGrammar.of(Json.parse(schema, "here"));
    for (String text : good.split(" ")) {
      assertTrue(accepts(grammar, text), text);
    }
    for (String text : bad.split(" ")) {
      assertFalse(accepts(grammar, text), text);
    }
  }

  private static boolean accepts(Grammar grammar, String text) {
    Automaton automaton = new Automaton(grammar);
    int state = automaton.start();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      state = automaton.step(state, b & 255);
      if (state == Automaton.DEAD) {
        return false;
      }
    }
    return automaton.accepts(state);
  }

  @Test
  void aPatternMayStandAnywhereInAText() {
    var schema = Json.object().put("pattern", "x[^\"a]y|\\\\\\.");
    Grammar grammar = SchemaGrammar.of(schema);
    for (String good : new String[] {"axbyc", "\\\\.", "x\\\\y", "x日y", "..xby\\n"}) {
      assertTrue(accepts(grammar, '"' + good + '"'), good);
    }
    for (String bad : new String[] {"xay", "x\\\"y", "", "xy", ".", "xby\""}) {
      assertFalse(accepts(grammar, '"' + bad + '"'), bad);
    }
  }

  @Test
  void propertiesComeInTheirOrderAndRequiredOnesAlways() {
    Grammar grammar =
        SchemaGrammar.of(
            Json.parse(
                "{\"properties\":{\"a\":{\"const\":1},\"b\":{\"const\":2},\"c\":{\"const\":3}},"
                    + "\"required\":[\"b\"]}",
                "here"));
    for (String good :
        new String[] {
          "{\"b\":2}",
          "{\"a\":1,\"b\":2}",
          "{\"b\":2,\"c\":3}",
          "{\"a\": 1, \"b\": 2, \"c\": 3}",
          "{\n  \"b\": 2\n}"
        }) {
      assertTrue(accepts(grammar, good), good);
    }
    for (String bad :
        new String[] {"{}", "{\"a\":1}", "{\"b\":2,\"a\":1}", "{\"b\":2,}", "{\"b\":2,\"d\":4}"}) {
      assertFalse(accepts(grammar, bad), bad);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "3",
        "false",
        "{\"type\":\"text\"}",
        "{\"type\":\"string\",\"maxlength\":3}",
        "{\"type\":\"number\",\"maximum\":3}",
        "{\"type\":\"integer\",\"multipleOf\":3}",
        "{\"type\":\"integer\",\"minimum\":3,\"maximum\":2}",
        "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}",
        "{\"type\":\"string\",\"format\":\"color\"}",
        "{\"type\":\"string\",\"pattern\":\"(?=a)b\"}",
        "{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"}",
        "{\"type\":\"string\",\"pattern\":\"[a\"}",
        "{\"type\":\"string\",\"pattern\":\"a{3,2}\"}",
        "{\"type\":\"array\",\"uniqueItems\":true}",
        "{\"type\":\"object\",\"required\":[\"a\"]}",
        "{\"type\":\"object\",\"patternProperties\":{}}",
        "{\"not\":{}}",
        "{\"allOf\":[{},{}]}",
        "{\"anyOf\":[]}",
        "{\"enum\":[]}",
        "{\"$ref\":\"#/nowhere\"}",
        "{\"$ref\":\"http://elsewhere\"}",
        "{\"$ref\":\"#\"}",
        "{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"$ref\":\"#/$defs/a\"}},"
            + "\"$ref\":\"#/$defs/a\"}",
      })
  void whatCannotBeHeldToIsRefused(String schema) {
    String message =
        assertThrows(InputFault.class, () -> SchemaGrammar.of(Json.parse(schema, "here")))
            .getMessage();
    assertFalse(message.contains("\n"), message);
  }

  /** Letters that could stand at thousands of places of the pattern at a time. */
  @Test
  void aPatternThatIsTooAmbiguousEndsItsText() {
    Grammar grammar = SchemaGrammar.of(Json.object().put("pattern", "^((a{0,99}){0,99}){0,99}$"));
    assertThrows(InputFault.class, () -> accepts(grammar, '"' + "a".repeat(500) + '"'));
  }

  @Test
  void aPatternNestedTooDeepIsRefused() {
    String pattern = "(".repeat(5000) + "a" + ")".repeat(5000);
    assertThrows(InputFault.class, () -> SchemaGrammar.of(Json.object().put("pattern", pattern)));
  }

  @Test
  void aSchemaNestedTooDeepIsRefused() {
    StringBuilder schema = new StringBuilder("{}");
    for (int i = 0; i < 200; i++) {
      schema.insert(0, "{\"items\":").append('}');
    }
    assertThrows(InputFault.class, () -> SchemaGrammar.of(Json.parse(schema.toString(), "here")));
  }
}
