/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

import static org.tlora.constrain.Grammar.row;
import static org.tlora.constrain.Grammar.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.constrain.Grammar.Element;
import org.tlora.constrain.Grammar.Rule;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * What JSON that a JSON Schema (2020-12) allows may be written as. Properties come in the schema's
 * order, and none that it does not name where it names some; of {@code oneOf}, any alternative is
 * written. What cannot be held to while it is written is refused by name.
 */
public final class SchemaGrammar {
  private static final Set<String> SAID =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "example",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "definitions",
          "discriminator");

  private static final Set<String> NUMBER_FORMATS = Set.of("int32", "int64", "float", "double");
  private static final int MOST_TIMES = 20_000;
  private static final int MOST_DEPTH = 100;

  private final Grammar grammar;
  private final JsonGrammar json;
  private final JsonNode root;
  private final Map<String, Rule> references = new HashMap<>();
  private int depth;

  private SchemaGrammar(Grammar grammar, JsonNode root) {
    this.grammar = grammar;
    this.json = new JsonGrammar(grammar);
    this.root = root;
  }

  /** The grammar of JSON whose outermost value is an object. */
  public static Grammar anyObject() {
    return JsonGrammar.anyObject();
  }

  /**
   * The grammar of what a schema allows.
   *
   * @throws InputFault if it is no schema, allows nothing, or says what cannot be held to
   */
  public static Grammar of(JsonNode schema) {
    Grammar grammar = new Grammar();
    SchemaGrammar all = new SchemaGrammar(grammar, schema);
    grammar.define(grammar.start(), List.of(List.of(all.json.space(), all.rule(schema, "$"))));
    return grammar;
  }

  /**
   * The rule of what a schema allows, within a grammar that has other things too.
   *
   * @throws InputFault as {@link #of}
   */
  public static Rule within(Grammar grammar, JsonNode schema) {
    return new SchemaGrammar(grammar, schema).rule(schema, "$");
  }

  private static InputFault refused(String where, String why) {
    return new InputFault("the schema cannot be held to at " + where + ": " + why);
  }

  private Rule rule(JsonNode schema, String where) {
    if (schema.isBoolean() && schema.asBoolean()) {
      return json.value();
    }
    if (!(schema instanceof ObjectNode own)) {
      throw refused(where, "a schema is an object, not " + Json.compact(schema));
    }
    if (++depth > MOST_DEPTH) {
      throw refused(where, "it is nested too deep");
    }
    try {
      return ruleOf(own, where);
    } finally {
      depth--;
    }
  }

  private Rule ruleOf(ObjectNode schema, String where) {
    if (schema.has("$ref")) {
      only(schema, where, "$ref");
      return reference(schema.path("$ref").asText(), where);
    }
    if (schema.has("const")) {
      only(schema, where, "const", "type");
      return grammar.any(List.of(text(Json.compact(schema.get("const")))));
    }
    if (schema.has("enum")) {
      only(schema, where, "enum", "type", "nullable");
      return oneOfThese(schema, where);
    }
    for (String choice : new String[] {"anyOf", "oneOf", "allOf"}) {
      if (schema.has(choice)) {
        only(schema, where, choice);
        return choice(schema.path(choice), choice, where);
      }
    }
    if (schema.path("type").isArray()) {
      List<Rule> all = new ArrayList<>();
      for (JsonNode type : schema.path("type")) {
        all.add(ruleOf(narrowed(schema, type.asText()), where));
      }
      requireSome(all, where + ".type");
      return grammar.anyOf(all);
    }
    return typed(schema, type(schema), where);
  }

  /** The same for one of its types alone, with what is said of that type. */
  private static ObjectNode narrowed(ObjectNode schema, String type) {
    ObjectNode own = schema.deepCopy().put("type", type);
    if (type.equals("null") || type.equals("boolean")) {
      own.retain(Set.of("type"));
    }
    return own;
  }

  private Rule oneOfThese(ObjectNode schema, String where) {
    List<List<Element>> all = new ArrayList<>();
    Set<String> known = new HashSet<>();
    for (JsonNode value : schema.path("enum")) {
      String written = Json.compact(value);
      if (known.add(written)) {
        all.add(text(written));
      }
    }
    if (all.isEmpty()) {
      throw refused(where + ".enum", "it names no value");
    }
    return grammar.any(all);
  }

  private Rule choice(JsonNode alternatives, String name, String where) {
    if (name.equals("allOf") && alternatives.size() != 1) {
      throw refused(where, "'allOf' of several schemas");
    }
    List<Rule> all = new ArrayList<>();
    for (int i = 0; i < alternatives.size(); i++) {
      all.add(rule(alternatives.get(i), where + "." + name + "[" + i + "]"));
    }
    requireSome(all, where + "." + name);
    return grammar.anyOf(all);
  }

  private static void requireSome(List<Rule> all, String where) {
    if (all.isEmpty()) {
      throw refused(where, "it names nothing");
    }
  }

  private Rule reference(String pointer, String where) {
    Rule known = references.get(pointer);
    if (known != null) {
      return known;
    }
    if (!pointer.startsWith("#")) {
      throw refused(where, "'$ref' to another document, " + pointer);
    }
    JsonNode there = pointer.length() == 1 ? root : at(pointer.substring(1), where);
    if (there.isMissingNode()) {
      throw refused(where, "'$ref' to " + pointer + ", which is not there");
    }
    Rule rule = grammar.declare();
    references.put(pointer, rule);
    grammar.define(rule, List.of(List.of(rule(there, pointer))));
    requireAnEnd(rule, pointer);
    return rule;
  }

  private JsonNode at(String pointer, String where) {
    try {
      return root.at(pointer);
    } catch (IllegalArgumentException e) {
      throw refused(where, "'$ref' to #" + pointer + ", which is no place");
    }
  }

  /** A schema that is itself alone describes nothing. */
  private void requireAnEnd(Rule rule, String pointer) {
    Element only = grammar.alternatives(rule).get(0).get(0);
    Set<Element> met = new HashSet<>(Set.of(rule));
    while (only instanceof Rule next) {
      if (!met.add(next)) {
        throw refused(pointer, "it refers to itself alone");
      }
      List<List<Element>> ways = grammar.alternatives(next);
      if (ways == null || ways.size() != 1 || ways.get(0).size() != 1) {
        return;
      }
      only = ways.get(0).get(0);
    }
  }

  private static String type(ObjectNode schema) {
    if (schema.has("type")) {
      return schema.path("type").asText();
    }
    for (String of : new String[] {"properties", "required", "additionalProperties"}) {
      if (schema.has(of)) {
        return "object";
      }
    }
    for (String of : new String[] {"items", "minItems", "maxItems"}) {
      if (schema.has(of)) {
        return "array";
      }
    }
    for (String of : new String[] {"pattern", "format", "minLength", "maxLength"}) {
      if (schema.has(of)) {
        return "string";
      }
    }
    for (String of : new String[] {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}) {
      if (schema.has(of)) {
        return "number";
      }
    }
    return "any";
  }

  private Rule typed(ObjectNode schema, String type, String where) {
    Rule rule =
        switch (type) {
          case "any" -> {
            only(schema, where, "nullable");
            yield json.value();
          }
          case "null" -> {
            only(schema, where, "type", "nullable");
            yield grammar.any(List.of(text("null")));
          }
          case "boolean" -> {
            only(schema, where, "type", "nullable");
            yield grammar.any(List.of(text("true"), text("false")));
          }
          case "string" -> string(schema, where);
          case "integer" -> integer(schema, where);
          case "number" -> number(schema, where);
          case "array" -> array(schema, where);
          case "object" -> object(schema, where);
          default -> throw refused(where, "type '" + type + "'");
        };
    boolean nullable = schema.path("nullable").asBoolean(); // OpenAPI 3.0's
    return nullable ? grammar.any(List.of(List.of(rule), text("null"))) : rule;
  }

  private Rule string(ObjectNode schema, String where) {
    only(schema, where, "type", "nullable", "pattern", "format", "minLength", "maxLength");
    boolean bounded = schema.has("minLength") || schema.has("maxLength");
    String pattern = schema.path("pattern").asText(null);
    if (schema.has("format")) {
      String format = schema.path("format").asText();
      if (pattern != null) {
        throw refused(where, "'pattern' beside 'format'");
      }
      pattern = TextFormats.pattern(format);
      if (pattern == null) {
        throw refused(where, "format '" + format + "'");
      }
    }
    if (pattern != null) {
      if (bounded) {
        throw refused(where, "a length beside 'pattern' or 'format'");
      }
      return PatternGrammar.string(grammar, json, pattern);
    }
    if (!bounded) {
      return json.string();
    }
    int least = count(schema, "minLength", 0, where);
    int most = count(schema, "maxLength", -1, where);
    requireOrder(least, most, where);
    return json.stringOf(least, most);
  }

  private Rule integer(ObjectNode schema, String where) {
    only(
        schema,
        where,
        "type",
        "nullable",
        "format",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum");
    requireNumberFormat(schema, where);
    boolean bounded = false;
    long from = -IntegerRange.MOST;
    long to = IntegerRange.MOST;
    for (String name : new String[] {"minimum", "exclusiveMinimum"}) {
      if (schema.has(name)) {
        double bound = bound(schema, name, where);
        long least = (long) Math.ceil(bound);
        from = Math.max(from, name.startsWith("ex") && least == bound ? least + 1 : least);
        bounded = true;
      }
    }
    for (String name : new String[] {"maximum", "exclusiveMaximum"}) {
      if (schema.has(name)) {
        double bound = bound(schema, name, where);
        long most = (long) Math.floor(bound);
        to = Math.min(to, name.startsWith("ex") && most == bound ? most - 1 : most);
        bounded = true;
      }
    }
    if (from > to) {
      throw refused(where, "no number lies between its bounds");
    }
    return bounded ? new IntegerRange(grammar).between(from, to) : json.integer();
  }

  private Rule number(ObjectNode schema, String where) {
    only(schema, where, "type", "nullable", "format", "minimum");
    requireNumberFormat(schema, where);
    if (!schema.has("minimum")) {
      return json.number();
    }
    if (bound(schema, "minimum", where) != 0) {
      throw refused(where, "'minimum' of a number other than 0");
    }
    return json.naturalNumber();
  }

  private static void requireNumberFormat(ObjectNode schema, String where) {
    String format = schema.path("format").asText("double");
    if (!NUMBER_FORMATS.contains(format)) {
      throw refused(where, "format '" + format + "'");
    }
  }

  private static double bound(ObjectNode schema, String name, String where) {
    if (!schema.path(name).isNumber()) {
      throw refused(where, "'" + name + "' must be a number");
    }
    return schema.path(name).asDouble();
  }

  private Rule array(ObjectNode schema, String where) {
    only(schema, where, "type", "nullable", "items", "minItems", "maxItems");
    int least = count(schema, "minItems", 0, where);
    int most = count(schema, "maxItems", -1, where);
    requireOrder(least, most, where);
    Rule items = schema.has("items") ? rule(schema.get("items"), where + "[]") : json.value();
    return json.arrayOf(items, least, most);
  }

  private static int count(ObjectNode schema, String name, int otherwise, String where) {
    JsonNode value = schema.path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.canConvertToExactIntegral() || value.asLong() < 0 || value.asLong() > MOST_TIMES) {
      throw refused(where, "'" + name + "' must be between 0 and " + MOST_TIMES);
    }
    return value.asInt();
  }

  private static void requireOrder(int least, int most, String where) {
    if (most >= 0 && most < least) {
      throw refused(where, "its bounds leave nothing");
    }
  }

  private Rule object(ObjectNode schema, String where) {
    only(schema, where, "type", "nullable", "properties", "required", "additionalProperties");
    JsonNode properties = schema.path("properties");
    Set<String> required = new HashSet<>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    for (String name : required) {
      if (!properties.has(name)) {
        throw refused(where, "'required' names '" + name + "', which 'properties' does not");
      }
    }
    if (properties.isEmpty()) {
      JsonNode others = schema.path("additionalProperties");
      if (others.isBoolean() && !others.asBoolean()) {
        return grammar.any(List.of(row(text("{"), List.of(json.space()), text("}"))));
      }
      return others.isMissingNode() || others.isBoolean()
          ? json.object()
          : json.objectOf(rule(others, where + ".*"));
    }
    List<Map.Entry<String, JsonNode>> all = new ArrayList<>(properties.properties());
    List<Element> none = List.of();
    // what may come behind a property, where none stands before it and where one does
    List<Element> alone = none;
    List<Element> behind = none;
    for (int i = all.size() - 1; i >= 0; i--) {
      String name = all.get(i).getKey();
      List<Element> member =
          row(
              text(Json.compact(TextNode.valueOf(name)) + ":"),
              List.of(json.space(), rule(all.get(i).getValue(), where + "." + name), json.space()));
      List<Element> first = row(member, behind);
      List<Element> later = row(text(","), List.of(json.space()), member, behind);
      boolean must = required.contains(name);
      List<Element> without = alone;
      List<Element> withoutToo = behind;
      alone = List.of(grammar.any(must ? List.of(first) : List.of(first, without)));
      behind = List.of(grammar.any(must ? List.of(later) : List.of(later, withoutToo)));
    }
    return grammar.any(List.of(row(text("{"), List.of(json.space()), alone, text("}"))));
  }

  /** Refuses what is said beside these and has a say in what is allowed. */
  private static void only(ObjectNode schema, String where, String... known) {
    schema
        .fieldNames()
        .forEachRemaining(
            name -> {
              boolean plain = SAID.contains(name) || name.startsWith("x-");
              boolean off = schema.get(name).isBoolean() && !schema.get(name).asBoolean();
              if (!plain && !Set.of(known).contains(name) && !off) {
                throw refused(where, "'" + name + "' with what stands beside it");
              }
            });
  }
}
