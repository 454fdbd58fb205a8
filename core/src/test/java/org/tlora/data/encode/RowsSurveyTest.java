/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.data.Encoded;
import org.tlora.data.file.DataFile;
import org.tlora.fault.InputFault;
import org.tlora.golden.Shared;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.pretrained.RowEncoders;
import org.tlora.text.PromptTemplate;

/** What all rows come to is what training would make of them, one by one. */
class RowsSurveyTest {
  @TempDir private Path directory;
  private PretrainedModel base;

  @BeforeEach
  void open() {
    base = PretrainedModel.open(Shared.path("golden/tiny-llama"));
  }

  @AfterEach
  void close() {
    base.close();
  }

  private DataFile file(String name, String... rows) throws IOException {
    return DataFile.of(Files.writeString(directory.resolve(name), String.join("\n", rows) + "\n"));
  }

  private static String row(String question, String answer) {
    return "{\"question\":\"" + question + "\",\"answer\":\"" + answer + "\"}";
  }

  private RowEncoder encoder(int cutoffLength, DataSet.Reading reading) {
    return RowEncoders.decoder(base, PromptTemplate.PLAIN, cutoffLength, reading);
  }

  private RowsSurvey survey(
      List<DataFile> files, int cutoff, int threads, long shown, List<RowPreview.Seen> seen) {
    DataSet.Reading reading = DataSet.Reading.AUTOMATIC;
    return RowsSurvey.of(
        files,
        reading,
        encoder(Integer.MAX_VALUE, reading),
        encoder(cutoff, reading),
        threads,
        shown,
        (file, row) -> seen.add(row));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void lengthsLossesAndWhatIsLearnedAreThoseOfEachRow(int threads) throws IOException {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      rows.add(row("word ".repeat(i % 7 + 1) + i, "b".repeat(i % 11 + 1)));
    }
    DataFile file = file("rows.jsonl", rows.toArray(String[]::new));
    int cutoff = 24;
    RowsSurvey survey = survey(List.of(file), cutoff, threads, 0, new ArrayList<>());
    List<RowPreview.Seen> whole = new ArrayList<>();
    List<RowPreview.Seen> cut = new ArrayList<>();
    DataSet.Reading reading = DataSet.Reading.AUTOMATIC;
    RowPreview.of(file, reading, encoder(100_000, reading), 1000, whole::add);
    RowPreview.of(file, reading, encoder(cutoff, reading), 1000, cut::add);
    assertEquals(300, survey.rows());
    assertEquals(sum(whole, e -> e.ids().length), survey.lengths().tokens());
    assertEquals(
        sum(whole, e -> e.ids().length) - sum(cut, e -> e.ids().length), survey.lostTokens());
    assertEquals(
        sum(whole, Encoded::supervisedTokens) - sum(cut, Encoded::supervisedTokens),
        survey.lostLearned());
    assertEquals(sum(cut, Encoded::supervisedTokens), survey.learned());
    assertEquals(
        whole.stream().filter(s -> s.encoded().ids().length > cutoff).count(), survey.cutRows());
    assertEquals(
        cut.stream().filter(s -> s.encoded().supervisedTokens() == 0).count(),
        survey.unlearnedRows());
    assertTrue(survey.unlearnedRows() > 0 && survey.cutRows() > survey.unlearnedRows());
    assertEquals(Map.of("question-answer", 300L), survey.formats());
  }

  private interface Count {
    int of(Encoded encoded);
  }

  private static long sum(List<RowPreview.Seen> rows, Count count) {
    return rows.stream().mapToLong(s -> count.of(s.encoded())).sum();
  }

  @Test
  void duplicatesAreNamedWithTheFirstOfTheirKindAcrossFiles() throws IOException {
    DataFile one = file("one.jsonl", row("a", "b"), "", row("c", "d"), row("a", "b"));
    DataFile other = file("other.jsonl", row("e", "f"), row("c", "d"));
    RowsSurvey survey = survey(List.of(one, other), 64, 2, 0, new ArrayList<>());
    assertEquals(2, survey.duplicates());
    assertEquals(
        List.of(
            new RowsSurvey.Duplicate(one.path() + ", row 4", one.path() + ", row 1"),
            new RowsSurvey.Duplicate(other.path() + ", row 2", one.path() + ", row 3")),
        survey.firstDuplicates());
  }

  /** Rows that agree up to the cut-off are no duplicates, nor is one that is learned otherwise. */
  @Test
  void onlyRowsThatAreTheSameToTheTokenAreDuplicates() throws IOException {
    DataFile file =
        file(
            "rows.jsonl",
            row("the same long question", "and answer one"),
            row("the same long question", "and answer two"),
            row("xy", "z"),
            row("x", "yz"));
    assertEquals(0, survey(List.of(file), 4, 1, 0, new ArrayList<>()).duplicates());
  }

  @Test
  void refusedRowsAreCountedAndTheFirstOfThemNamed() throws IOException {
    List<String> rows =
        new ArrayList<>(List.of("nonsense", row("a", "b"), "{\"question\":1}", "[]"));
    for (int i = 0; i < 50; i++) {
      rows.add("{\"question\":\"" + i + "\"}");
    }
    rows.add(row("c", "d"));
    DataFile file = file("rows.jsonl", rows.toArray(String[]::new));
    RowsSurvey survey = survey(List.of(file), 64, 2, 10, new ArrayList<>());
    assertEquals(2, survey.rows());
    assertEquals(53, survey.refused());
    assertEquals(RowsSurvey.NAMED, survey.refusals().size());
    assertTrue(survey.refusals().get(0).contains("row 1 is not valid JSON"));
    assertTrue(survey.refusals().get(1).contains("row 3: field 'answer'"), "" + survey.refusals());
    assertEquals(List.of(), survey.notes());
  }

  @Test
  void theFirstRowsOfEachFileAreHandedOverInTheirOrderAsTrainingSeesThem() throws IOException {
    DataFile one = file("one.jsonl", row("a", "b"), "bad", row("c", "d"), row("e", "f"));
    DataFile other = file("other.jsonl", row("g".repeat(200), "h"));
    List<RowPreview.Seen> seen = new ArrayList<>();
    survey(List.of(one, other), 16, 3, 2, seen);
    assertEquals(List.of(1L, 3L, 1L), seen.stream().map(RowPreview.Seen::number).toList());
    assertEquals(16, seen.get(2).encoded().ids().length);
  }

  @Test
  void aFileThatIsDamagedIsAFaultAndNothingRunsOn() throws IOException {
    Path file = directory.resolve("rows.jsonl.gz");
    Files.write(file, new byte[] {0x1f, (byte) 0x8b, 8, 0, 1, 2});
    assertThrows(
        InputFault.class, () -> survey(List.of(DataFile.of(file)), 16, 2, 2, new ArrayList<>()));
    DataFile empty = file("empty.jsonl", "");
    InputFault none =
        assertThrows(InputFault.class, () -> survey(List.of(empty), 16, 2, 2, new ArrayList<>()));
    assertTrue(none.getMessage().contains("has no rows"), none.getMessage());
    TreeSet<String> threads = new TreeSet<>();
    Thread.getAllStackTraces().keySet().forEach(t -> threads.add(t.getName()));
    assertTrue(!threads.contains("tlora-encoder"), threads.toString());
  }
}
