/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.tlora.format.Json;

/** Lists of the API, a page at a time, by what stands behind the question mark. */
public final class Listing {
  private static final int USUAL = 20;
  private static final int MOST = 10_000;

  private final Map<String, String> query = new LinkedHashMap<>();

  /**
   * Reads a query.
   *
   * @param raw as it was sent, or null
   * @throws ApiException if it is none
   */
  public Listing(String raw) {
    for (String pair : (raw == null ? "" : raw).split("&")) {
      int equals = pair.indexOf('=');
      try {
        query.put(
            decoded(equals < 0 ? pair : pair.substring(0, equals)),
            equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      } catch (IllegalArgumentException e) {
        throw ApiException.invalid(null, "the query is not encoded well");
      }
    }
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** A value, or null. */
  public String text(String name) {
    return query.get(name);
  }

  /** The values of {@code name[key]}, by key. */
  public Map<String, String> within(String name) {
    Map<String, String> all = new LinkedHashMap<>();
    query.forEach(
        (key, value) -> {
          if (key.startsWith(name + "[") && key.endsWith("]")) {
            all.put(key.substring(name.length() + 1, key.length() - 1), value);
          }
        });
    return all;
  }

  /** A number. */
  public int number(String name, int otherwise, int most) {
    String value = query.get(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.matches("[0-9]{1,9}")
        || Integer.parseInt(value) < 1
        || Integer.parseInt(value) > most) {
      throw ApiException.invalid(
          name, "'" + name + "' must be between 1 and " + most + ", not " + value);
    }
    return Integer.parseInt(value);
  }

  /** How many are asked for. */
  public int limit() {
    return number("limit", USUAL, MOST);
  }

  /**
   * The page that is asked for.
   *
   * @param all the newest first, each with its id
   * @param wanted which of them
   */
  public ObjectNode page(List<ObjectNode> all, Predicate<ObjectNode> wanted) {
    String order = Objects.requireNonNullElse(query.get("order"), "desc");
    if (!order.equals("asc") && !order.equals("desc")) {
      throw ApiException.invalid("order", "'order' must be asc or desc, not " + order);
    }
    List<ObjectNode> some = new ArrayList<>(all.stream().filter(wanted).toList());
    if (order.equals("asc")) {
      Collections.reverse(some);
    }
    String after = query.get("after");
    if (after != null) {
      int at = 0;
      while (at < some.size() && !some.get(at).path("id").asText().equals(after)) {
        at++;
      }
      some = some.subList(Math.min(at + 1, some.size()), some.size());
    }
    return of(some.subList(0, Math.min(limit(), some.size())), some.size() > limit());
  }

  /** A page. */
  public static ObjectNode of(List<ObjectNode> some, boolean more) {
    ObjectNode page = Json.object().put("object", "list");
    ArrayNode data = page.putArray("data");
    some.forEach(data::add);
    page.put("first_id", some.isEmpty() ? null : some.get(0).path("id").asText());
    page.put("last_id", some.isEmpty() ? null : some.get(some.size() - 1).path("id").asText());
    return page.put("has_more", more);
  }
}
