/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/** What is ours in a README is written anew, and nothing else. */
class CardFileTest {
  @TempDir private Path directory;

  private static ObjectNode metadata(String base) {
    ObjectNode all = Json.object().put("base_model", base);
    all.putArray("tags").add("lora");
    return all;
  }

  private static CardFile card() {
    return CardFile.titled("A title", "README.md")
        .withMetadata(metadata("me/base"))
        .withAtEnd(CardFile.CARD, "what it is\n")
        .withAtEnd(CardFile.SCORES, "none\n");
  }

  private static CardFile edited(String from, String to) {
    String text = card().text();
    assertTrue(text.contains(from), text);
    return CardFile.parse(text.replace(from, to), "README.md");
  }

  @Test
  void aNewCardHasMetadataATitleAndItsParts() {
    String text = card().text();
    assertTrue(text.startsWith("---\n# tlora:begin metadata"), text);
    assertTrue(text.contains("\nbase_model: \"me/base\"\ntags:\n- \"lora\"\n# tlora:end"), text);
    assertTrue(text.contains("\n---\n\n# A title\n\n<!-- tlora:begin card"), text);
    assertEquals(metadata("me/base"), card().metadata());
    assertTrue(card().isOurs());
    assertFalse(CardFile.parse("# tlora:begin, they say\n", "README.md").isOurs());
    assertFalse(CardFile.parse("", "README.md").isOurs());
  }

  @Test
  void writingTheSameAgainChangesNothing() {
    CardFile again =
        CardFile.parse(card().text(), "README.md")
            .withMetadata(metadata("me/base"))
            .with(CardFile.CARD, "what it is\n")
            .withAtEnd(CardFile.SCORES, "none\n");
    assertEquals(card().text(), again.text());
  }

  @Test
  void whatSomebodyHasWrittenElsewhereStays() {
    CardFile file =
        edited("# A title\n", "# My title\n\nMy own words.\n")
            .with(CardFile.CARD, "something else\n")
            .withMetadata(metadata("me/other"));
    assertTrue(file.text().contains("# My title\n\nMy own words.\n"), file.text());
    assertTrue(file.text().contains("something else"), file.text());
    assertFalse(file.text().contains("what it is"), file.text());
    assertFalse(file.text().contains("me/base"), file.text());
  }

  @Test
  void metadataOfItsUserWin() {
    CardFile file =
        edited("# tlora:end metadata\n", "# tlora:end metadata\nlicense: mit\ntags: [mine]\n")
            .withMetadata(metadata("me/other").put("license", "apache-2.0"));
    assertEquals("mit", file.everything().path("license").asText());
    assertEquals("mine", file.everything().path("tags").path(0).asText());
    assertEquals("me/other", file.everything().path("base_model").asText());
    assertEquals(1, file.metadata().size(), "a name twice would be no YAML: " + file.text());
  }

  @Test
  void aPartWhoseMarkersAreGoneIsItsUsers() {
    CardFile file = edited("<!-- tlora:end card -->\n", "").with(CardFile.CARD, "something else\n");
    assertTrue(file.text().contains("what it is"), file.text());
    assertFalse(file.text().contains("something else"), file.text());
    // somebody's editor has taken comments out of the metadata: what is missing is added
    String text = card().text().replaceAll("(?m)^# tlora:.*\\R", "");
    CardFile bare = CardFile.parse(text, "README.md").withMetadata(metadata("x/y").put("a", 1));
    assertEquals("me/base", bare.everything().path("base_model").asText());
    assertEquals(1, bare.everything().path("a").asInt());
  }

  @Test
  void brokenMetadataAreAFaultOfTheFile() {
    CardFile file = edited("# tlora:end metadata\n", "# tlora:end metadata\ntags: [\n");
    InputFault fault =
        assertThrows(InputFault.class, () -> file.withMetadata(metadata("me/other")));
    assertTrue(fault.getMessage().startsWith("README.md"), fault.getMessage());
    assertFalse(fault.getMessage().contains("\n"), fault.getMessage());
  }

  @Test
  void aReadmeOfSomebodysOwnIsNeverWritten() throws IOException {
    Path file = directory.resolve("README.md");
    Files.writeString(directory.resolve("adapter_config.json"), "{}");
    ModelCard card =
        new ModelCard(
            ModelCard.Relation.ADAPTER,
            CardBase.named("me/base"),
            java.util.List.of(),
            java.util.List.of(),
            "a lead",
            java.util.List.of(),
            java.util.List.of());
    for (String own : java.util.List.of("# mine\n", "", "---\nlicense: mit\n---\n")) {
      Files.writeString(file, own);
      assertTrue(card.write(directory).orElseThrow().contains("left as it is"));
      assertEquals(own, Files.readString(file));
    }
    Files.write(file, new byte[] {(byte) 0xC3, 0x28}); // no text at all
    assertTrue(card.write(directory).orElseThrow().contains("left as it is"));
    Files.delete(file);
    Path elsewhere = Files.writeString(directory.resolve("elsewhere.md"), "x");
    Files.createSymbolicLink(file, elsewhere);
    assertTrue(card.write(directory).orElseThrow().contains("left as it is"));
    assertEquals("x", Files.readString(elsewhere));
  }

  /** Whatever a file or a layer is called: it is shown, and is no marker and no cell of a table. */
  @Property(tries = 300)
  void anyTextStaysWhereItIsPut(
      @ForAll @StringLength(max = 40) @CharRange(from = ' ', to = '~') String name) {
    String line = Markdown.line("<!-- tlora:end card -->" + name);
    CardFile file = card().with(CardFile.CARD, line + "\n").with(CardFile.CARD, "again\n");
    assertEquals(card().with(CardFile.CARD, "again\n").text(), file.text());
    assertFalse(Markdown.line(name).matches("(?s).*(?<!\\\\)[|`*_\\[\\]].*"), name);
  }
}
