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
import java.util.List;
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

  private static String asked(String question, String answer) {
    return Json.compact(Json.object().put("question", question).put("answer", answer)) + "\n";
  }

  private static final String ROWS =
      asked("One?", "1")
          + asked("Two?", "2 and a longer answer than that of any other row here")
          + "nonsense\n"
          + asked("One?", "1")
          + "{\"question\":\"Three?\"}\n"
          + asked("Four?", "4");

  @Test
  void allRowsAreSummedUpAndRefusedOnesNamedInsteadOfTheFirst() throws IOException {
    Output o = preview(ROWS, "--limit", "1", "--template", "plain");
    assertEquals(3, o.status());
    assertTrue(o.err().contains("2 rows are refused, the first: "), o.err());
    String out = o.out().replaceAll(" +", " ");
    assertTrue(out.startsWith("row 1 (question-answer): "), out);
    assertTrue(out.contains("\nrows 4, read as question-answer\nrefused 2 rows\n"), out);
    assertTrue(out.contains("rows.jsonl, row 3 is not valid JSON"), out);
    assertTrue(out.contains("rows.jsonl, row 5: field 'answer' is missing"), out);
    assertTrue(out.contains("duplicates 1 row the same to the token as an earlier one"), out);
    assertTrue(out.contains("rows.jsonl, row 4: the same as "), out);
    assertTrue(out.contains("\nlengths rows by tokens"), out);
    Output skipped = preview(ROWS, "--template", "plain", "--on-bad-row", "skip");
    assertEquals(0, skipped.status(), skipped.err());
    Output brief = preview(ROWS, "--limit", "1", "--template", "plain", "--no-summary");
    assertEquals(0, brief.status(), "the first row is good: " + brief.err());
    assertFalse(brief.out().contains("refused"), brief.out());
  }

  /** Programs get a row a line, and the summary where they ask for it. */
  @Test
  void theSummaryIsOneMoreObject() throws IOException {
    String[] skip = {"--json", "--template", "plain", "--on-bad-row", "skip", "--limit", "2"};
    assertEquals(2, preview(ROWS, skip).out().lines().count());
    String[] all = java.util.Arrays.copyOf(skip, skip.length + 3);
    all[skip.length] = "--summary";
    all[skip.length + 1] = "--cutoff-length";
    all[skip.length + 2] = "16";
    Output o = preview(ROWS, all);
    assertEquals(0, o.status(), o.err());
    List<String> lines = o.out().lines().toList();
    assertEquals(3, lines.size(), o.out());
    JsonNode sum = Json.parse(lines.get(2), "summary").path("summary");
    assertEquals(4, sum.path("rows").asInt());
    assertEquals(2, sum.path("refused").asInt());
    assertEquals(2, sum.path("refusals").size());
    assertEquals(1, sum.path("cut_rows").asInt());
    assertEquals(16, sum.path("cutoff_length").asInt());
    assertEquals(sum.at("/tokens/max").asInt() - 16, sum.path("lost_tokens").asInt());
    assertEquals(sum.path("lost_tokens"), sum.path("lost_learned"));
    assertEquals(1, sum.path("duplicates").asInt());
    assertTrue(sum.at("/first_duplicates/0/row").asText().endsWith("row 4"));
    int rows = 0;
    for (JsonNode bin : sum.path("histogram")) {
      rows += bin.path("rows").asInt();
    }
    assertEquals(4, rows);
  }

  @Test
  void aPageShowsRowsAndSummary() throws IOException {
    Path page = directory.resolve("page.html");
    String evil = asked("<script>alert(1)</script>", "</script><b>");
    Output o = preview(asked("One?", "1") + evil, "--html", page.toString(), "--template", "chat");
    assertEquals(0, o.status(), o.err());
    String html = Files.readString(page);
    assertTrue(
        html.contains("<mark><span class=\"away\">learned: </span>1<span class=\"special\">"));
    assertTrue(html.contains("<span class=\"special\">&lt;|im_start|&gt;</span>user"));
    assertFalse(html.contains("<script>alert"));
    assertTrue(html.contains("<th scope=\"row\">rows</th><td>2, read as question-answer</td>"));
    Output nowhere = preview(TALK, "--html", "/proc/none/page.html");
    assertEquals(4, nowhere.status());
    assertTrue(nowhere.err().contains("page.html cannot be written"), nowhere.err());
  }

  @Test
  void labelsOfAnEncoderAreSummedUpToo() throws IOException {
    TinyEncoder.write(directory.resolve("bert"), false);
    model = directory.resolve("bert");
    String rows =
        "{\"text\":\"the film is good\",\"label\":\"1\"}\n"
            + "{\"text\":\"the film is bad\",\"label\":\"0\"}\n"
            + "{\"text\":\"the film is bad\",\"label\":\"0\"}\n"
            + "{\"text\":\""
            + "so ".repeat(40)
            + "bad\",\"label\":\"0\"}\n{\"text\":3}\n";
    Output o = preview(rows, "--json", "--summary", "--limit", "1", "--cutoff-length", "10");
    assertEquals(3, o.status(), "a row is refused: " + o.err());
    JsonNode sum =
        Json.parse(o.out().lines().skip(1).findFirst().orElseThrow(), "s").path("summary");
    assertEquals(4, sum.path("rows").asInt());
    assertEquals(4, sum.path("learned").asInt());
    assertEquals(43, sum.at("/tokens/max").asInt(), "with [CLS] and [SEP]");
    assertEquals(33, sum.path("lost_tokens").asInt());
    assertEquals(1, sum.path("duplicates").asInt());
    assertEquals(1, sum.path("refused").asInt());
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() throws IOException {
    for (String[] wrong :
        new String[][] {
          {"--generation-prompt", "--summary"},
          {"--generation-prompt", "--html", "x.html"},
          {"--no-summary", "--html", "x.html"}
        }) {
      Output o = preview(TALK, wrong);
      assertEquals(2, o.status(), o.err());
      assertEquals("", o.out());
    }
  }
}
