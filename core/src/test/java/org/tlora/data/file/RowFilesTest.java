/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import com.jerolba.carpet.CarpetWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.data.encode.EncodedRows;
import org.tlora.data.encode.WeightedRows;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.ExampleFormats;
import org.tlora.data.format.Fields;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;

/** The same two rows in every format, and what goes wrong with files. */
class RowFilesTest {
  private static final String JSONL =
      "{\"question\":\"1+1?\",\"answer\":\"2, \\\"two\\\"\"}\n{\"question\":\"ü\",\"answer\":\"b\"}\n";

  @TempDir private Path directory;

  /** A row of the Parquet file. */
  record Pair(String question, String answer) {}

  /** A row with a list of groups. */
  record Talk(List<Turn> messages) {}

  /** An element of it. */
  record Turn(String role, String content) {}

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static List<Row> rows(Path file) {
    return RowFiles.read(DataFile.of(file));
  }

  @Test
  void aFileThatChangesWhileItIsReadIsAFault() throws IOException {
    String many = JSONL.repeat(20_000); // more than is read ahead
    for (String change : List.of("shrinks", "grows", "is written over")) {
      Path file = write("changing.jsonl", many);
      Files.setLastModifiedTime(file, FileTime.fromMillis(0));
      int[] seen = new int[1];
      RowSink sink =
          new RowSink() {
            @Override
            public void row(Row row) {
              if (++seen[0] == 10) {
                change(file, change);
              }
            }

            @Override
            public void bad(String where, String reason) {
              // the line in whose middle a file ends now
            }
          };
      InputFault fault =
          assertThrows(InputFault.class, () -> RowFiles.read(DataFile.of(file), sink), change);
      assertTrue(fault.getMessage().contains("was changed while it was being read"));
    }
  }

  private static void change(Path file, String how) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      switch (how) {
        case "shrinks" -> channel.truncate(channel.size() / 2 + 7);
        case "grows" -> channel.write(ByteBuffer.wrap(JSONL.getBytes(UTF_8)), channel.size());
        default -> channel.write(ByteBuffer.wrap(JSONL.getBytes(UTF_8)), 0);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFileThatIsReplacedWhileItIsReadWasReadWhole() throws IOException {
    Path file = write("replaced.jsonl", JSONL.repeat(20_000));
    int[] seen = new int[1];
    RowSink sink =
        new RowSink() {
          @Override
          public void row(Row row) {
            if (++seen[0] == 10) {
              AtomicFiles.writeText(file, JSONL);
            }
          }

          @Override
          public void bad(String where, String reason) {
            throw new AssertionError(where);
          }
        };
    RowFiles.read(DataFile.of(file), sink);
    assertEquals(40_000, seen[0]);
  }

  @Test
  void everyFormatGivesTheSameRows() throws IOException {
    List<Row> expected = rows(write("a.jsonl", JSONL));
    assertEquals(2, expected.size());
    write("a.json", "[" + JSONL.strip().replace("}\n", "},\n") + "]");
    write("a.csv", "question,answer\n1+1?,\"2, \"\"two\"\"\"\nü,b\n");
    write("a.tsv", "question\tanswer\n1+1?\t2, \"two\"\n\nü\tb\n");
    write("without-ending", "\uFEFF" + JSONL);
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(directory.resolve("a.jsonl.gz")))) {
      out.write(JSONL.getBytes(StandardCharsets.UTF_8));
    }
    try (OutputStream out =
        new ZstdOutputStream(Files.newOutputStream(directory.resolve("a.jsonl.zst")))) {
      out.write(JSONL.getBytes(StandardCharsets.UTF_8));
    }
    try (OutputStream out = Files.newOutputStream(directory.resolve("a.parquet"));
        CarpetWriter<Pair> writer = new CarpetWriter<>(out, Pair.class)) {
      writer.write(new Pair("1+1?", "2, \"two\""));
      writer.write(new Pair("ü", "b"));
    }
    for (String name :
        List.of(
            "a.json",
            "a.csv",
            "a.tsv",
            "without-ending",
            "a.jsonl.gz",
            "a.jsonl.zst",
            "a.parquet")) {
      List<Row> got = rows(directory.resolve(name));
      assertEquals(2, got.size(), name);
      for (int i = 0; i < 2; i++) {
        assertEquals(expected.get(i).fields(), got.get(i).fields(), name);
      }
    }
  }

  @Test
  void parquetKeepsLists() throws IOException {
    Path file = directory.resolve("talk.parquet");
    try (OutputStream out = Files.newOutputStream(file);
        CarpetWriter<Talk> writer = new CarpetWriter<>(out, Talk.class)) {
      writer.write(new Talk(List.of(new Turn("user", "hi"), new Turn("assistant", "ho"))));
    }
    Row row = rows(file).get(0);
    ExampleFormat format = ExampleFormats.choose("auto", Fields.OWN, row);
    assertEquals("messages", format.name());
    assertEquals(
        2, ((Example.Conversation) format.read(row, new RowNotes(false))).said().messages().size());
  }

  @Test
  void textIsARowALine() throws IOException {
    List<Row> rows = rows(write("a.txt", "one\n\n two \r\n"));
    assertEquals("one", rows.get(0).fields().path("text").asText());
    assertEquals(" two ", rows.get(1).fields().path("text").asText());
    assertEquals(3, rows.get(1).number());
    assertEquals("text", ExampleFormats.choose("auto", Fields.OWN, rows.get(0)).name());
  }

  @Test
  void namesMayBePatternsAndWeigh() throws IOException {
    write("b1.jsonl", JSONL);
    write("b2.jsonl", JSONL);
    String in = directory + "/";
    List<DataFile> files = DataFile.named(List.of(in + "b*.jsonl@0.5", in + "b1.jsonl"));
    assertEquals(3, files.size());
    assertEquals(0.5, files.get(1).weight());
    assertEquals(1, files.get(2).weight());
    assertThrows(InputFault.class, () -> DataFile.named(List.of(in + "c*.jsonl")));
    assertThrows(UsageFault.class, () -> DataFile.named(List.of(in + "b1.jsonl@0")));
  }

  @Test
  void weightsRepeatOrThinOutRows() {
    EncodedRows stored = new EncodedRows(Encoded::of);
    for (int i = 0; i < 10; i++) {
      stored.add(new LearnedTokens(new int[] {i}, new int[] {i}));
    }
    WeightedRows rows = new WeightedRows(stored);
    rows.add(0, 4, 2.5);
    rows.add(4, 10, 0.5);
    assertEquals(13, rows.size());
    int[] looks = new int[10];
    rows.forEach(r -> looks[r.ids()[0]]++);
    for (int i = 0; i < 4; i++) {
      assertTrue(looks[i] == 2 || looks[i] == 3, "row " + i + ": " + looks[i]);
    }
    assertEquals(3, java.util.Arrays.stream(looks, 4, 10).sum());
  }

  @Test
  void manyRowsLieInAFileAndComeBack() {
    Random random = new Random(5);
    int[][] all = new int[500][];
    try (EncodedRows rows = new EncodedRows(Encoded::of, 10_000)) {
      for (int i = 0; i < all.length; i++) {
        all[i] = random.ints(random.nextInt(30), 0, 1000).toArray();
        rows.add(new LearnedTokens(all[i], all[i].clone()));
      }
      assertEquals(500, rows.size());
      for (int i = all.length - 1; i >= 0; i--) {
        assertArrayEquals(
            new LearnedTokens(all[i], all[i]).contents(), rows.get(i).contents(), "row " + i);
      }
      assertThrows(IndexOutOfBoundsException.class, () -> rows.get(500));
    }
  }

  @Test
  void damagedFilesAreFaults() throws IOException {
    write("a.jsonl", JSONL);
    Path gz = directory.resolve("a.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
      out.write(JSONL.repeat(100).getBytes(StandardCharsets.UTF_8));
    }
    byte[] whole = Files.readAllBytes(gz);
    Files.write(gz, java.util.Arrays.copyOf(whole, whole.length / 2));
    Path parquet = write("a.parquet", "PAR1 and then nothing of the kind");
    Path csv = write("a.csv", "question,answer\nonly one\n");
    for (Path file : List.of(gz, parquet, csv, write("b.json", "[{\"a\":1},"))) {
      InputFault fault = assertThrows(InputFault.class, () -> rows(file), file.toString());
      assertTrue(fault.getMessage().contains(file.toString()), fault.getMessage());
    }
  }

  @Test
  void whatWouldBeLostIsABadRow() throws IOException {
    for (String line :
        List.of(
            "{\"text\":\"half a letter \\ud83d\"}",
            "{\"text\":\"a\",\"text\":\"b\"}",
            "{\"text\":\"a\"} rest",
            "{\"text\":\"a\"} 3")) {
      Path file = write("lost.jsonl", line + "\n");
      InputFault fault = assertThrows(InputFault.class, () -> rows(file), line);
      assertTrue(fault.getMessage().contains("row 1"), fault.getMessage());
    }
    Path twice = write("twice.csv", "a,b,a\n1,2,3\n");
    assertTrue(
        assertThrows(InputFault.class, () -> rows(twice)).getMessage().contains("'a' twice"));
    assertEquals(2, rows(write("joined.jsonl", "{\"text\":\"a\"}{\"text\":\"b\"}\n")).size());
  }
}
