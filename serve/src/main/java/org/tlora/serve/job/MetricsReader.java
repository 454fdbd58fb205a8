/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.run.RunListener;
import org.tlora.serve.store.JobStore;

/**
 * Passes on what a run writes into {@code metrics.jsonl} while it does. A run that goes on from a
 * checkpoint writes the file again; then all of it is passed on again.
 */
final class MetricsReader {
  private static final int MOST_AT_ONCE = 1 << 20;

  private final Path file;
  private final String job;
  private final JobStore store;
  private Object key; // of the file that was read
  private long read;
  private long steps;
  private long tokens;

  MetricsReader(Path file, String job, JobStore store) {
    this.file = file;
    this.job = job;
    this.store = store;
  }

  /** Passes on the lines that have come. */
  void more() {
    if (!Files.exists(file)) {
      return;
    }
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      Object now = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      if (in.size() < read || (key != null && !key.equals(now))) {
        read = 0;
        steps = 0;
        tokens = 0;
      }
      key = now;
      if (in.size() > read) {
        store.together(() -> all(in));
      }
    } catch (IOException e) {
      throw new RunFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  private void all(FileChannel in) {
    try {
      while (lines(in)) {
        // more of them
      }
    } catch (IOException e) {
      throw new RunFault(file + " cannot be read: " + Json.reason(e), e);
    }
    store.progress(job, steps, tokens);
  }

  /** Whole lines alone: the last one may still be written. */
  private boolean lines(FileChannel in) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(MOST_AT_ONCE, in.size() - read));
    while (bytes.hasRemaining() && in.read(bytes, read + bytes.position()) > 0) {
      // until it is full
    }
    int end = bytes.position();
    while (end > 0 && bytes.get(end - 1) != '\n') {
      end--;
    }
    if (end == 0) {
      return false;
    }
    read += end;
    new String(bytes.array(), 0, end, StandardCharsets.UTF_8).lines().forEach(this::line);
    return true;
  }

  private void line(String text) {
    ObjectNode line;
    try {
      line = Json.parseObject(text, file.toString());
    } catch (InputFault e) {
      return; // what a killed process left half-written
    }
    long step = line.path("step").asLong() + 1;
    if (line.has(RunListener.EVAL_LOSS)) {
      double loss = line.path(RunListener.EVAL_LOSS).asDouble();
      ObjectNode data = Json.object().put("step", step).put("valid_loss", loss);
      others(line, data, RunListener.EVAL_LOSS);
      store.metrics(
          job,
          "valid-" + step,
          String.format(Locale.ROOT, "Step %d: validation loss=%.4f", step, loss),
          data);
    } else if (line.has("loss")) {
      double loss = line.path("loss").asDouble();
      steps = Math.max(steps, step);
      tokens += line.path("tokens").asLong();
      ObjectNode data = Json.object().put("step", step).put("train_loss", loss);
      others(line, data, "loss");
      store.metrics(
          job,
          "train-" + step,
          String.format(Locale.ROOT, "Step %d: training loss=%.4f", step, loss),
          data);
    }
  }

  private static void others(ObjectNode line, ObjectNode data, String but) {
    line.properties()
        .forEach(
            e -> {
              JsonNode value = e.getValue();
              if (value.isNumber() && !e.getKey().equals("step") && !e.getKey().equals(but)) {
                data.set(e.getKey(), value);
              }
            });
  }
}
