/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.LengthCounts;
import org.tlora.data.encode.RowEncoder;
import org.tlora.data.encode.RowParts;
import org.tlora.data.encode.RowsSurvey;
import org.tlora.data.file.DataFile;
import org.tlora.golden.Shared;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.pretrained.RowEncoders;
import org.tlora.text.PromptTemplate;

/** The page about rows: nothing of data becomes markup, and what is seen can be heard. */
class RowsPageTest {
  private static final String EVIL = "</script><script>alert(1)</script>\"'&<img src=x>";

  @TempDir private Path directory;

  static RowsPage page(LengthCounts lengths, String text) {
    return new RowsPage(
        text,
        text,
        List.of(new RowsPage.Figure("rows", text)),
        lengths,
        10,
        List.of(
            new RowsPage.Listed("Refused rows", List.of(text)),
            new RowsPage.Listed("None", List.of())),
        List.of(
            new RowsPage.ShownRow(
                text,
                List.of(
                    new RowParts.Part("<|im_start|>", false, true),
                    new RowParts.Part("asked " + text, false, false),
                    new RowParts.Part("said " + text, true, false),
                    new RowParts.Part("<|im_end|>", true, true)))));
  }

  /** Lengths of two rows. */
  static LengthCounts lengths(Path directory) throws IOException {
    Path file = directory.resolve("rows.jsonl");
    Files.writeString(
        file,
        "{\"question\":\"a\",\"answer\":\"b\"}\n{\"question\":\"ccc ddd\",\"answer\":\"eee\"}\n");
    try (PretrainedModel base = PretrainedModel.open(Shared.path("golden/tiny-llama"))) {
      DataSet.Reading reading = DataSet.Reading.AUTOMATIC;
      RowEncoder encoder = RowEncoders.decoder(base, PromptTemplate.PLAIN, 100, reading);
      return RowsSurvey.of(
              List.of(DataFile.of(file)), reading, encoder, encoder, 0, 0, (f, row) -> {})
          .lengths();
    }
  }

  @Test
  void everythingThatComesFromDataIsEscapedAndNothingIsLoaded() throws IOException {
    String html = page(lengths(directory), EVIL).render();
    assertFalse(html.contains("<script>alert(1)"), "no text of data becomes an element");
    assertFalse(html.contains("<img"), "no text of data becomes an element");
    assertFalse(Pattern.compile("(src|href)=\"?(https?:|//)").matcher(html).find());
    assertTrue(html.contains("default-src &#39;none&#39;"), "a policy that allows nothing else");
    assertFalse(page(lengths(directory), "a\u001b[0m\u202eb").render().contains("\u202e"));
  }

  @Test
  void whatIsLearnedIsMarkedForEyesAndEars() throws IOException {
    String html = page(lengths(directory), "x").render();
    assertTrue(
        html.contains(
            "<span class=\"special\">&lt;|im_start|&gt;</span>asked x<mark><span"
                + " class=\"away\">learned: </span>said x<span"
                + " class=\"special\">&lt;|im_end|&gt;</span><span class=\"away\"> (end of what is"
                + " learned) </span></mark></p>"),
        html.substring(html.indexOf("<h3>")));
    assertTrue(html.contains("prefers-color-scheme: dark"));
    assertTrue(html.contains("<html lang=\"en\">"));
    assertTrue(html.contains("Histogram of 2 rows by tokens"), "the chart has a description");
    assertFalse(html.contains(">None<"), "lists of nothing are left out");
  }

  @Test
  void lengthsAreInATableToo() throws IOException {
    LengthCounts lengths = lengths(directory);
    String html = page(lengths, "x").render();
    long rows =
        Pattern.compile(
                "<tr><th scope=\"row\" class=\"number\">[0-9,–]+</th><td"
                    + " class=\"number\">(\\d+)</td></tr>")
            .matcher(html)
            .results()
            .mapToLong(m -> Long.parseLong(m.group(1)))
            .sum();
    assertEquals(2, rows);
  }

  @Test
  void thePageIsThereWhole() throws IOException {
    Path file = directory.resolve("pages/rows.html");
    page(lengths(directory), "x").write(file);
    String html = Files.readString(file);
    assertTrue(html.startsWith("<!DOCTYPE html>") && html.strip().endsWith("</html>"));
  }
}
