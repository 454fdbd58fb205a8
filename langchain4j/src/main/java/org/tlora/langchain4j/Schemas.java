/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON Schemas and tools of LangChain4j as JSON. */
final class Schemas {
  private static final String TYPE = "type";

  private Schemas() {}

  /**
   * A schema's JSON.
   *
   * @throws UnsupportedFeatureException if some of it is of a kind that is not known
   */
  static String json(JsonSchemaElement schema) {
    return JsonText.of(written(schema));
  }

  /** Tools as OpenAI's API has them, a list of objects of type function. */
  static String json(List<ToolSpecification> tools) {
    return JsonText.of(tools.stream().map(Schemas::tool).toList());
  }

  private static Map<String, Object> tool(ToolSpecification tool) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", tool.name());
    if (tool.description() != null) {
      function.put("description", tool.description());
    }
    // one without parameters is called with none: left open, any could be made up
    function.put(
        "parameters",
        tool.parameters() == null
            ? Map.of(TYPE, "object", "properties", Map.of(), "additionalProperties", false)
            : written(tool.parameters()));
    Map<String, Object> all = typed("function");
    all.put("function", function);
    return all;
  }

  private static Map<String, Object> typed(String type) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(TYPE, type);
    return all;
  }

  private static Object written(JsonSchemaElement schema) {
    if (schema instanceof JsonRawSchema raw) {
      return new JsonText.Written(raw.schema());
    }
    if (schema instanceof JsonReferenceSchema reference) {
      return Map.of("$ref", "#/$defs/" + reference.reference());
    }
    Map<String, Object> all = fields(schema);
    if (schema.description() != null) {
      all.put("description", schema.description());
    }
    return all;
  }

  private static Map<String, Object> fields(JsonSchemaElement schema) {
    if (schema instanceof JsonObjectSchema object) {
      return object(object);
    }
    if (schema instanceof JsonArraySchema array) {
      Map<String, Object> all = typed("array");
      if (array.items() != null) {
        all.put("items", written(array.items()));
      }
      return all;
    }
    if (schema instanceof JsonEnumSchema choice) {
      Map<String, Object> all = typed("string");
      all.put("enum", choice.enumValues());
      return all;
    }
    if (schema instanceof JsonAnyOfSchema any) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("anyOf", any.anyOf().stream().map(Schemas::written).toList());
      return all;
    }
    return typed(type(schema));
  }

  private static Map<String, Object> object(JsonObjectSchema object) {
    Map<String, Object> all = typed("object");
    all.put("properties", written(object.properties()));
    if (!object.required().isEmpty()) {
      all.put("required", object.required());
    }
    if (object.additionalProperties() != null) {
      all.put("additionalProperties", object.additionalProperties());
    }
    if (!object.definitions().isEmpty()) {
      all.put("$defs", written(object.definitions()));
    }
    return all;
  }

  private static Map<String, Object> written(Map<String, JsonSchemaElement> named) {
    Map<String, Object> all = new LinkedHashMap<>();
    named.forEach((name, schema) -> all.put(name, written(schema)));
    return all;
  }

  private static String type(JsonSchemaElement schema) {
    if (schema instanceof JsonStringSchema) {
      return "string";
    }
    if (schema instanceof JsonIntegerSchema) {
      return "integer";
    }
    if (schema instanceof JsonNumberSchema) {
      return "number";
    }
    if (schema instanceof JsonBooleanSchema) {
      return "boolean";
    }
    if (schema instanceof JsonNullSchema) {
      return "null";
    }
    throw new UnsupportedFeatureException(
        "schemas of kind " + schema.getClass().getSimpleName() + " are not known");
  }
}
