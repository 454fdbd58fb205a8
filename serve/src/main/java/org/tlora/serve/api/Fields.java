/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** The fields of a request's body, each of the type that it must have. */
final class Fields {
  private final ObjectNode body;

  Fields(ObjectNode body) {
    this.body = body;
  }

  /** Whether it is there and not null. */
  boolean has(String name) {
    return body.hasNonNull(name);
  }

  JsonNode get(String name) {
    return body.path(name);
  }

  String text(String name, String otherwise) {
    if (!has(name)) {
      return otherwise;
    }
    return require(name, body.get(name).isTextual(), "a string").asText();
  }

  boolean truth(String name, boolean otherwise) {
    if (!has(name)) {
      return otherwise;
    }
    return require(name, body.get(name).isBoolean(), "a boolean").asBoolean();
  }

  double number(String name, double otherwise, double least, double most) {
    if (!has(name)) {
      return otherwise;
    }
    double value = require(name, body.get(name).isNumber(), "a number").asDouble();
    if (!(value >= least && value <= most)) {
      throw ApiException.invalid(
          name, "'" + name + "' must be between " + least + " and " + most + ", not " + value);
    }
    return value;
  }

  int integer(String name, int otherwise, int least, int most) {
    if (!has(name)) {
      return otherwise;
    }
    JsonNode value = body.get(name);
    require(name, value.canConvertToExactIntegral(), "an integer");
    if (!value.canConvertToInt() || value.asInt() < least || value.asInt() > most) {
      throw ApiException.invalid(
          name,
          "'" + name + "' must be between " + least + " and " + most + ", not " + value.asText());
    }
    return value.asInt();
  }

  Long whole(String name) {
    if (!has(name)) {
      return null;
    }
    boolean fits = body.get(name).canConvertToExactIntegral() && body.get(name).canConvertToLong();
    return require(name, fits, "an integer of 64 bits").asLong();
  }

  ObjectNode object(String name) {
    if (!has(name)) {
      return null;
    }
    return (ObjectNode) require(name, body.get(name).isObject(), "an object");
  }

  /** A text or a list of texts. */
  List<String> texts(String name, int most) {
    List<String> all = new ArrayList<>();
    if (!has(name)) {
      return all;
    }
    JsonNode value = body.get(name);
    for (JsonNode one : value.isArray() ? value : List.of(value)) {
      require(name, one.isTextual(), "a string or a list of strings");
      all.add(one.asText());
    }
    if (all.size() > most || all.contains("")) {
      throw ApiException.invalid(
          name, "'" + name + "' must be at most " + most + " strings, none of them empty");
    }
    return all;
  }

  private JsonNode require(String name, boolean is, String what) {
    JsonNode value = body.get(name);
    if (!is) {
      throw new ApiException(
          400,
          "invalid_request_error",
          name,
          "invalid_type",
          "'" + name + "' must be " + what + ", not " + shortened(value.toString()));
    }
    return value;
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  /**
   * Refuses what is known and cannot be done, unless it says what is done anyway.
   *
   * @param harmless values as JSON
   */
  void refuse(String name, String why, Object... harmless) {
    if (!has(name)) {
      return;
    }
    JsonNode given = body.get(name);
    for (Object same : harmless) {
      boolean equal = given.isNumber() && same instanceof Integer n && given.asDouble() == n;
      if (equal || given.toString().equals("" + same)) {
        return;
      }
    }
    throw ApiException.unsupported(name, "'" + name + "' " + why);
  }
}
