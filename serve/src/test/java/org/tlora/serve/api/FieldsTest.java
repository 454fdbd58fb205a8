/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tlora.format.Json;

/** Fields that may be one thing or several. */
class FieldsTest {
  private static List<String> stop(String value) {
    return new Fields(Json.parseObject("{\"stop\":" + value + "}", "a body")).texts("stop", 2);
  }

  @Test
  void aTextOrAListOfThem() {
    assertEquals(List.of(), stop("null"));
    assertEquals(List.of("a"), stop("\"a\""));
    assertEquals(List.of("a"), stop("[\"a\"]"));
    assertEquals(List.of("a", "b"), stop("[\"a\",\"b\"]"));
  }

  @Test
  void whatIsNoTextIsRefused() {
    for (String wrong : List.of("7", "[\"a\",7]", "[\"a\",\"\"]", "[\"a\",\"b\",\"c\"]", "{}")) {
      ApiException e = assertThrows(ApiException.class, () -> stop(wrong), wrong);
      assertEquals("stop", e.body().at("/error/param").asText());
    }
  }
}
