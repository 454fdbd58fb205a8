/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;

/**
 * What {@code POST /v1/load_lora_adapter} and {@code /v1/unload_lora_adapter} are asked for, as
 * vLLM has them.
 *
 * @param path where the adapter lies; null to unload
 */
public record AdapterBody(String name, String path) {
  private static final String NAME = "lora_name";
  private static final String PATH = "lora_path";
  private static final Pattern NOT_BLANK = Pattern.compile("[^ \\t\\n\\x0B\\f\\r]");
  private static final int MOST = 1024;

  /** Reads a request to load. */
  public static AdapterBody toLoad(ObjectNode body) {
    Fields fields = new Fields(body);
    fields.refuse("load_inplace", "cannot be done: unload it first", false);
    return new AdapterBody(required(fields, NAME), required(fields, PATH));
  }

  /** Reads a request to unload. */
  public static AdapterBody toUnload(ObjectNode body) {
    return new AdapterBody(required(new Fields(body), NAME), null);
  }

  private static String required(Fields fields, String name) {
    String value = fields.text(name, "");
    if (!NOT_BLANK.matcher(value).find() || value.codePointCount(0, value.length()) > MOST) {
      throw ApiException.invalid(name, "'" + name + "' is missing, or too long");
    }
    return value;
  }
}
