/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.ExampleFormats;
import org.tlora.data.format.Fields;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.docs.WorkedExample;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/** The worked examples of docs/adding-a-data-format.md read rows. */
class AddingADataFormatTest {
  private static final String PAGE = "adding-a-data-format.md";

  @TempDir private Path directory;

  private static Row row(String json) {
    return new Row(Path.of("rows.jsonl"), 7, Json.parseObject(json, "row"));
  }

  @Test
  void theRowFormatReadsWhatFitsAndNamesOrRefusesTheRest() throws Exception {
    Class<?> example = WorkedExample.compiledBeside(ExampleFormats.class, PAGE, 0, directory);
    Constructor<?> constructor =
        example.getDeclaredConstructor(String.class, String.class, String.class, String.class);
    constructor.setAccessible(true);
    ExampleFormat format =
        (ExampleFormat) constructor.newInstance("choices", "question", "choices", "answer");
    Row row =
        row(
            "{'question': '2 + 2?', 'choices': ['3', 4], 'answer': 1, 'id': 'x'}"
                .replace('\'', '"'));
    assertTrue(format.fits(row));
    assertEquals("question-answer", ExampleFormats.choose("auto", Fields.OWN, row).name());
    RowNotes notes = new RowNotes(false);
    Example.Instruction read = (Example.Instruction) format.read(row, notes);
    assertEquals("2 + 2?\nA. 3\nB. 4", read.instruction());
    assertEquals("B", read.response());
    assertTrue(notes.lines().toString().contains("'id'"), "" + notes.lines());
    assertThrows(InputFault.class, () -> format.read(row, new RowNotes(true)));

    assertFalse(format.fits(row("{\"question\": \"2 + 2?\", \"answer\": 1}")));
    Row beyond = row("{\"question\": \"?\", \"choices\": [\"3\"], \"answer\": 1}");
    InputFault fault = assertThrows(InputFault.class, () -> format.read(beyond, notes));
    assertEquals(
        "rows.jsonl, row 7: field 'answer' is no choice's number but 1", fault.getMessage());
    Row nested = row("{\"question\": \"?\", \"choices\": [[]], \"answer\": 0}");
    assertThrows(InputFault.class, () -> format.read(nested, notes));
  }

  @Test
  void theFileFormatHandsOverRowsAndWhatIsNone() throws Exception {
    Class<?> example = WorkedExample.compiledBeside(RowReader.class, PAGE, 1, directory);
    RowReader reader = (RowReader) example.getDeclaredConstructor().newInstance();
    assertEquals(List.of("ltsv"), reader.endings());
    assertEquals(
        List.of(
            "1 {\"host\":\"a\",\"time\":\"10:30\"}",
            "bad a.ltsv, row 3 has no label, or one that was there, in 'nothing'",
            "bad a.ltsv, row 4 has no label, or one that was there, in 'host:c'",
            "5 {\"host\":\"d\"}"),
        read(reader, "host:a\ttime:10:30\n\nnothing\nhost:b\thost:c\nhost:d"));
  }

  private static List<String> read(RowReader reader, String text) throws IOException {
    List<String> told = new ArrayList<>();
    RowSink sink =
        new RowSink() {
          @Override
          public void row(Row row) {
            told.add(row.number() + " " + Json.compact(row.fields()));
          }

          @Override
          public void bad(String where, String reason) {
            told.add("bad " + where + " " + reason);
          }
        };
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    reader.read(
        DataFile.of(Path.of("a.ltsv")), new ByteArrayInputStream(bytes), sink, field -> true);
    return told;
  }
}
