/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.run.RunEnd;
import org.tlora.run.RunStart;
import org.tlora.run.Sample;
import org.tlora.run.StepReport;

/** Event files, byte by byte; {@code interop/check-tracking} has TensorBoard itself read them. */
class EventFileTest {
  @TempDir private Path directory;

  /** The check value of CRC-32C in RFC 3720 is e3069283, of which this is the masked form. */
  @Test
  void checksumsAreMaskedAsTensorFlowDoesIt() {
    int crc = 0xe3069283;
    assertEquals(
        Integer.rotateRight(crc, 15) + 0xa282ead8, EventFile.masked("123456789".getBytes(UTF_8)));
  }

  /** The bytes that TensorFlow's own protobuf classes make of such an event. */
  @Test
  void anEventHasTheBytesOfItsMessage() {
    byte[] event = Events.scalars(1.5, 300, Map.of("a/b", 0.5)).toBytes();
    assertEquals(
        "09000000000000f83f" // wall_time
            + "10ac02" // step
            + "2a0c" // summary
            + "0a0a" // its value
            + "0a03612f62" // tag
            + "150000003f", // simple_value
        HexFormat.of().formatHex(event));
    assertEquals(
        "09000000000000f83f" + "1a0d" + HexFormat.of().formatHex("brain.Event:2".getBytes(UTF_8)),
        HexFormat.of().formatHex(Events.version(1.5).toBytes()));
    assertEquals(
        "09000000000000f83f" + "1011" + "3a020801",
        HexFormat.of().formatHex(Events.goesOn(1.5, 17).toBytes()));
  }

  /** The records of a file, whose checksums are looked at. */
  private static List<byte[]> records(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.get(length);
      assertEquals(EventFile.masked(length), in.getInt());
      int n = (int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
      byte[] data = new byte[n];
      in.get(data);
      assertEquals(EventFile.masked(data), in.getInt());
      records.add(data);
    }
    return records;
  }

  private Tracking open(long stepsTaken) {
    TrackedRun run =
        new TrackedRun(directory, stepsTaken, true, Map.of("rank", "4"), message -> {});
    return Trackers.open(List.of("tensorboard"), run, Map.of()).get(0);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve("tensorboard"))) {
      return all.sorted().toList();
    }
  }

  private static boolean holds(byte[] record, String text) {
    return new String(record, UTF_8).contains(text);
  }

  @Test
  void aRunIsAFileAndOneThatGoesOnANewerOneWhichSaysFromWhere() throws IOException {
    try (Tracking tracking = open(0)) {
      tracking.started(new RunStart("lora", 10, 100, Map.of()));
      tracking.samples(-1, List.of(new Sample("Shout\nkiwi", null, "IWIK")));
      tracking.step(new StepReport(0, 9, Map.of("loss", 2.0, "seconds.forward", 0.1)));
      tracking.evaluation(0, Map.of("eval_loss", 3.0, "eval_gsm8k", 0.5));
      tracking.best(1, "eval_loss", 3.0);
      tracking.skipped(1, "loss", "row 7");
      tracking.ended(new RunEnd(1, false, null, Map.of()));
    }
    List<byte[]> records = records(files().get(0));
    assertTrue(holds(records.get(0), "brain.Event:2"));
    for (String expected :
        List.of(
            "| rank | `4` |",
            "_hparams_/session_start_info",
            "samples/1",
            "    Shout\n    kiwi",
            "train/loss",
            "train/seconds/forward",
            "eval/gsm8k",
            "eval/best",
            "the loss is not finite: row 7",
            "_hparams_/session_end_info")) {
      assertTrue(records.stream().anyMatch(r -> holds(r, expected)), expected);
    }
    try (Tracking again = open(5)) {
      again.step(new StepReport(5, 9, Map.of("loss", 2.0)));
    }
    assertEquals(2, files().size());
    byte[] second = records(files().get(1)).get(1);
    assertEquals("10063a020801", HexFormat.of().formatHex(second).substring(18));
    open(0).close();
    assertEquals(1, files().size(), "a run in the place of another begins anew");
    assertFalse(holds(records(files().get(0)).get(0), "rank"));
  }
}
