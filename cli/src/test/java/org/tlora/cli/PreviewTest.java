/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.cli.Commands.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.format.Json;
import org.tlora.golden.Shared;

/** What {@code tlora preview} shows of rows, and what it says of what they lose. */
class PreviewTest {
  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void aModelWithAChatTemplate() {
    model = Shared.path("cases/models/chatml");
  }

  private Output preview(String rows, String... more) throws IOException {
    Path file = Files.writeString(directory.resolve("rows.jsonl"), rows);
    String[] command = {"preview", "--model", model.toString(), "--data", file.toString()};
    String[] all = java.util.Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    return run(all);
  }

  private static final String TALK =
      "{\"id\":7,\"messages\":[{\"role\":\"user\",\"content\":\"2+2?\"},"
          + "{\"role\":\"assistant\",\"content\":\"4\"},{\"role\":\"user\",\"content\":\"And é?\"}]}\n";

  @Test
  void whatIsLearnedStandsOutAndWhatIsUnusedIsNamed() throws IOException {
    Output o = preview(TALK);
    assertEquals(0, o.status(), o.err());
    assertTrue(o.out().startsWith("row 1 (messages): "), o.out());
    assertTrue(o.out().contains("<|im_start|>assistant\n⟦4<|im_end|>⟧\n<|im_start|>user\nAnd é?"));
    assertTrue(o.err().contains("field 'id' is not used: 1 time, "), o.err());
    Output strict = preview(TALK, "--on-unused-field", "fail");
    assertEquals(3, strict.status());
    assertTrue(strict.err().contains("row 1: field 'id' is not used"), strict.err());
  }

  @Test
  void theGenerationPromptIsWhatIsBeforeTheLastAnswer() throws IOException {
    String asked = TALK.replace(",{\"role\":\"user\",\"content\":\"And é?\"}", "");
    Output o = preview(asked, "--generation-prompt", "--json");
    JsonNode row = Json.parse(o.out(), "preview");
    assertEquals(
        "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n", row.path("text").asText());
    assertFalse(row.has("learned"));
    JsonNode all = Json.parse(preview(TALK, "--generation-prompt", "--json").out(), "preview");
    assertTrue(all.path("text").asText().endsWith("And é?<|im_end|>\n<|im_start|>assistant\n"));
  }

  @Test
  void instructionsAreShownAsTheirTemplateWritesThem() throws IOException {
    String rows = "{\"instruction\":\"Is it?\",\"input\":\"Oslo\",\"output\":\"Yes\"}\n".repeat(3);
    Output o = preview(rows, "--json", "--limit", "2");
    assertEquals(2, o.out().lines().count(), o.out());
    JsonNode row = Json.parse(o.out().lines().findFirst().orElseThrow(), "preview");
    assertEquals("alpaca", row.path("format").asText());
    assertTrue(row.path("text").asText().contains("### Input:\nOslo\n\n### Response:Yes"));
    assertEquals(row.path("ids").size(), row.path("learned").size());
    Output chat = preview(rows, "--template", "chat");
    assertTrue(chat.out().contains("<|im_start|>user\nIs it?\nOslo<|im_end|>"), chat.out());
  }

  @Test
  void theCutOffAndBadRowsAreSaid() throws IOException {
    Output cut = preview(TALK, "--cutoff-length", "8");
    assertTrue(cut.err().contains("nothing within the cut-off is learned"), cut.err());
    Output bad = preview("{\"messages\":3}\n" + TALK);
    assertEquals(3, bad.status());
    assertTrue(bad.err().contains("row 1"), bad.err());
    Output skipped = preview(TALK + "nonsense\n", "--on-bad-row", "skip");
    assertEquals(0, skipped.status(), skipped.err());
    assertTrue(skipped.err().contains("skipped: "), skipped.err());
  }

  @Test
  void wrongOptionsAreNamed() throws IOException {
    for (String[] wrong :
        new String[][] {
          {"--limit", "-1"},
          {"--learn", "some"},
          {"--thoughts", "all"},
          {"--on-unused-field", "skip"},
          {"--cutoff-length", "1"}
        }) {
      Output o = preview(TALK, wrong);
      assertEquals(2, o.status(), o.err());
      assertTrue(o.err().contains(wrong[0]), o.err());
      assertEquals("", o.out());
    }
  }
}
