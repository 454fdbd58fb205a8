/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.tune.MetricsLog;

/**
 * Reads what has come into {@code metrics.jsonl} since it was looked at before. A run that begins
 * anew or goes on from a checkpoint writes the file again; then all of it is read again.
 */
final class MetricsTail {
  private static final int MOST_AT_ONCE = 1 << 20;
  private static final int REMEMBERED = 1024;
  private static final int LONGEST_LINE = 1 << 20;

  private final Path directory;
  private Points points = new Points();
  private Object key; // of the file that was read
  private long read;
  private byte[] before = {}; // the bytes before what comes next
  private long skipped;
  private long damaged;
  private long last = -1;

  MetricsTail(Path directory) {
    this.directory = directory;
  }

  Points points() {
    return points;
  }

  /** Steps that changed nothing. */
  long skipped() {
    return skipped;
  }

  /** Whole lines that are none. */
  long damaged() {
    return damaged;
  }

  /** The last step that was taken or skipped, from 0; −1 where there is none. */
  long lastStep() {
    return last;
  }

  /**
   * Reads on.
   *
   * @return whether all was read anew, since it is another file, or an emptier one
   * @throws InputFault if it cannot be read
   */
  boolean more() {
    BasicFileAttributes now = RunFiles.of(directory, RunFiles.METRICS);
    if (now == null) {
      boolean gone = read > 0;
      forget();
      return gone;
    }
    Path file = directory.resolve(RunFiles.METRICS);
    try (FileChannel in =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      boolean anew = read > 0 && (!same(now.fileKey()) || in.size() < read || !goesOn(in));
      if (anew) {
        forget();
      }
      key = now.fileKey();
      while (lines(in, file)) {
        // more of them
      }
      return anew;
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  private void forget() {
    points = new Points();
    key = null;
    read = 0;
    before = new byte[0];
    skipped = 0;
    damaged = 0;
    last = -1;
  }

  /** Some file systems give no keys. */
  private boolean same(Object now) {
    return key == null || now == null || key.equals(now);
  }

  /** Whether what was read last is still there: a file may be emptied, and grow again. */
  private boolean goesOn(FileChannel in) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(before.length);
    fill(in, bytes, read - before.length);
    return Arrays.equals(before, bytes.array());
  }

  private static void fill(FileChannel in, ByteBuffer bytes, long from) throws IOException {
    while (bytes.hasRemaining() && in.read(bytes, from + bytes.position()) > 0) {
      // until it is full
    }
  }

  /** Whole lines alone: the last one may still be written. */
  private boolean lines(FileChannel in, Path file) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) Math.max(0, Math.min(MOST_AT_ONCE, in.size() - read)));
    fill(in, bytes, read);
    int end = bytes.position();
    while (end > 0 && bytes.get(end - 1) != '\n') {
      end--;
    }
    if (end == 0) {
      if (bytes.position() >= LONGEST_LINE) {
        throw new InputFault(file + " is none of a run: it has a line of a megabyte");
      }
      return false;
    }
    read += end;
    before = Arrays.copyOfRange(bytes.array(), Math.max(0, end - REMEMBERED), end);
    new String(bytes.array(), 0, end, StandardCharsets.UTF_8).lines().forEach(this::line);
    return true;
  }

  private void line(String text) {
    if (text.isBlank()) {
      return;
    }
    JsonNode line;
    try {
      line = Json.parseObject(text, RunFiles.METRICS);
    } catch (InputFault e) {
      damaged++; // what a killed process left half-written
      return;
    }
    long step = line.path("step").asLong(-1);
    last = Math.max(last, step);
    if (line.has("loss")) {
      points.step(step, MetricsLog.numbers(line, Double.NaN));
    } else if (line.has("skipped")) {
      skipped++;
    } else {
      points.evaluation(new MetricsLog.Evaluation(step, MetricsLog.numbers(line, Double.NaN)));
    }
  }
}
