/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  private static boolean refused(String value, Object... harmless) {
    Fields fields = new Fields(Json.parseObject("{\"f\":" + value + "}", "a body"));
    try {
      fields.refuse("f", "cannot be done", harmless);
      return false;
    } catch (ApiException e) {
      assertEquals("unsupported_parameter", e.body().at("/error/code").asText());
      return true;
    }
  }

  @Test
  void whatIsDoneAnywayIsHarmlessButOfItsTypeAlone() {
    assertFalse(refused("null"));
    assertTrue(refused("false"));
    assertFalse(refused("false", false));
    assertTrue(refused("\"false\"", false));
    assertFalse(refused("2", 1, 2));
    assertFalse(refused("2.0", 1, 2));
    assertTrue(refused("\"2\"", 1, 2));
    assertFalse(refused("[\"text\"]", "[\"text\"]"));
    assertTrue(refused("\"[\\\"text\\\"]\"", "[\"text\"]"));
    assertTrue(refused("{}", "[]"));
  }
}
