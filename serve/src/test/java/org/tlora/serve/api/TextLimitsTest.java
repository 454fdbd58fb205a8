/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.tlora.format.Json;

/** How long texts may be, and of what, as a JSON Schema counts it: by characters, not by Java's. */
class TextLimitsTest {
  private static final String LARGE = "\uD83D\uDE00"; // one character that Java counts as two

  private static boolean fits(Runnable read, String param) {
    try {
      read.run();
      return true;
    } catch (ApiException e) {
      assertEquals(param, e.body().at("/error/param").asText());
      return false;
    }
  }

  private static boolean nameFits(String name) {
    ObjectNode body = Json.object().put("lora_name", name);
    return fits(() -> AdapterBody.toUnload(body), "lora_name");
  }

  @Test
  void namesOfAdapters() {
    assertTrue(nameFits(LARGE.repeat(1024)));
    assertFalse(nameFits(LARGE.repeat(1025)));
    assertFalse(nameFits(""));
    assertFalse(nameFits(" \t\r\n\f\u000B"));
    assertTrue(nameFits("\u001C"), "which Java alone takes for a space");
  }

  @Test
  void metadataOfJobs() {
    for (int letters : new int[] {512, 513}) {
      ObjectNode body = Json.object().put("model", "m").put("training_file", "f");
      body.putObject("metadata").put("a", LARGE.repeat(letters));
      assertEquals(letters == 512, fits(() -> JobBody.of(body), "metadata"));
    }
  }
}
