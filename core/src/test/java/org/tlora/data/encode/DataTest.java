/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.data.LearnedTokens;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.ExampleFormats;
import org.tlora.data.format.Fields;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.Batch;

class DataTest {
  @TempDir private Path directory;

  private Path file(String text) throws IOException {
    Path file = directory.resolve("rows.jsonl");
    Files.writeString(file, text);
    return file;
  }

  @Test
  void jsonLinesAndArraysGiveTheSameRows() throws IOException {
    List<Row> lines = rows(file("{\"a\":1}\n\n{\"a\":2}\r\n"));
    List<Row> array = rows(file(" [{\"a\":1},{\"a\":2}]"));
    assertEquals(2, lines.size());
    assertEquals(3, lines.get(1).number(), "rows are named by their line");
    assertEquals(lines.get(1).fields(), array.get(1).fields());
  }

  private static List<Row> rows(Path file) {
    return RowFiles.read(DataFile.of(file));
  }

  @Test
  void aMissingFieldIsNamedWithFileRowAndField() throws IOException {
    Path file = file("{\"question\":\"q\",\"answer\":\"a\"}\n{\"question\":\"q\"}\n");
    List<Row> rows = rows(file);
    ExampleFormat format = ExampleFormats.choose("auto", Fields.OWN, rows.get(0));
    assertEquals("question-answer", format.name());
    assertEquals(
        "q", ((Example.Instruction) format.read(rows.get(0), new RowNotes(false))).instruction());
    InputFault fault =
        assertThrows(InputFault.class, () -> format.read(rows.get(1), new RowNotes(false)));
    assertTrue(fault.getMessage().contains(file + ", row 2"), fault.getMessage());
    assertTrue(fault.getMessage().contains("'answer'"), fault.getMessage());
  }

  @Test
  void brokenFilesAreFaults() throws IOException {
    for (String text : List.of("", "\n", "{\"a\":", "3\n", "[1]", "[", "{}\nnonsense")) {
      Path file = file(text);
      assertThrows(InputFault.class, () -> rows(file), text);
    }
    Files.write(directory.resolve("rows.jsonl"), new byte[] {'{', (byte) 0xff, '}'});
    assertThrows(InputFault.class, () -> rows(directory.resolve("rows.jsonl")));
    assertThrows(InputFault.class, () -> rows(directory.resolve("absent")));
  }

  @Test
  void alpacaJoinsInstructionAndInput() throws IOException {
    Row row = rows(file("{\"instruction\":\"Add\",\"input\":\"1 2\",\"output\":\"3\"}")).get(0);
    assertEquals("Add about 1 2", instruction(ExampleFormats.choose("auto", Fields.OWN, row), row));
    assertThrows(UsageFault.class, () -> ExampleFormats.choose("nonsense", Fields.OWN, row));
    Fields named = new Fields("input", "output", null, null, null, null);
    assertEquals("1 2", instruction(ExampleFormats.choose("auto", named, row), row));
  }

  private static String instruction(ExampleFormat format, Row row) {
    Example.Instruction i = (Example.Instruction) format.read(row, new RowNotes(false));
    return i.input().isEmpty() ? i.instruction() : i.instruction() + " about " + i.input();
  }

  @Test
  void packingKeepsLabelsWithinTheirRow() {
    Batch batch =
        Batch.of(
            List.of(
                new LearnedTokens(new int[] {1, 2, 3}, new int[] {-100, 2, 3}),
                new LearnedTokens(new int[] {4, 5}, new int[] {4, 5})));
    assertArrayEquals(new int[] {1, 2, 3, 4, 5}, batch.ids());
    assertArrayEquals(
        new int[] {0, 1, 3}, batch.targets(), "a row's first label is predicted by nothing");
    assertArrayEquals(new int[] {2, 3, 5}, batch.classes());
  }

  @Test
  void aWeightIsANumberAboveZero() throws IOException {
    String path = file("{\"question\":\"a\",\"answer\":\"b\"}").toString();
    for (String no :
        List.of("0", "-1", "inf", "NaN", "1001", "1e9", "two", "1x", "0x1p3", "9".repeat(400))) {
      UsageFault fault =
          assertThrows(UsageFault.class, () -> DataFile.named(List.of(path + "@" + no)), no);
      assertTrue(fault.getMessage().contains("a weight must be"), fault.getMessage());
    }
    assertEquals(0.5, DataFile.named(List.of(path + "@.5")).get(0).weight());
    assertEquals(0.1, DataFile.named(List.of(path + "@1e-1")).get(0).weight());
    Path withAt = directory.resolve("me@home.jsonl");
    Files.writeString(withAt, "{}\n");
    assertEquals(withAt, DataFile.named(List.of(withAt.toString())).get(0).path());
    Path absent = directory.resolve("you@home.jsonl");
    assertEquals(absent, DataFile.named(List.of(absent.toString())).get(0).path());
  }

  @Property(tries = 50)
  void everyEpochSeesEveryRowOnce(
      @ForAll @IntRange(min = 1, max = 200) int rows, @ForAll long seed) {
    RowOrder order = new RowOrder(rows, true, seed);
    RowOrder again = new RowOrder(rows, true, seed);
    for (int epoch = 0; epoch < 3; epoch++) {
      Set<Integer> seen = new HashSet<>();
      for (int i = 0; i < rows; i++) {
        long position = (long) epoch * rows + i;
        assertEquals(order.rowAt(position), again.rowAt(position));
        seen.add(order.rowAt(position));
      }
      assertEquals(rows, seen.size());
    }
  }
}
