/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/**
 * The samples of an evaluation, on disk as they come: {@code FILE.partial} grows by a line a sample
 * and is taken up by the same evaluation when it is started again; at the end all samples are in
 * {@code FILE}.
 */
public final class SampleLog implements AutoCloseable {
  private final Path file; // or null
  private final SampleFormat format;
  private final Map<String, ObjectNode> known = new HashMap<>();
  private Writer out; // or null

  private SampleLog(Path file, SampleFormat format) {
    this.file = file;
    this.format = format;
  }

  /** A log that nothing is kept of. */
  public static SampleLog none() {
    return new SampleLog(null, SampleFormat.TLORA);
  }

  /**
   * Opens a log.
   *
   * @param settings everything that decides the samples
   * @throws UsageFault if an interrupted evaluation of other settings left its samples there
   * @throws RunFault if it cannot be written
   */
  public static SampleLog open(Path file, Map<String, String> settings) {
    return open(file, settings, SampleFormat.TLORA);
  }

  /**
   * The same, whose file has another form in the end.
   *
   * @param settings everything that decides the samples
   */
  public static SampleLog open(Path file, Map<String, String> settings, SampleFormat format) {
    SampleLog log = new SampleLog(file, format);
    Path partial = log.partial();
    ObjectNode head = Json.object();
    settings.forEach(head::put);
    try {
      if (Files.exists(partial)) {
        log.takeUp(Files.readAllLines(partial, StandardCharsets.UTF_8), head);
      }
      log.out = Files.newBufferedWriter(partial); // what is taken up is written again, whole lines
      log.write(head);
      for (ObjectNode line : log.known.values()) {
        log.write(line);
      }
    } catch (IOException e) {
      throw new RunFault(partial + " cannot be written: " + Json.reason(e), e);
    }
    return log;
  }

  private Path partial() {
    return file.resolveSibling(file.getFileName() + ".partial");
  }

  private void takeUp(List<String> lines, ObjectNode head) {
    for (int i = 0; i < lines.size(); i++) {
      JsonNode line;
      try {
        line = Json.parse(lines.get(i), "" + partial());
      } catch (InputFault e) {
        break; // the last one, cut off when the evaluation was
      }
      if (i > 0) {
        known.put(key((ObjectNode) line), (ObjectNode) line);
      } else if (!line.equals(head)) {
        throw new UsageFault(
            partial()
                + " holds samples of an evaluation with other settings ("
                + line
                + "); delete it or name another file");
      }
    }
  }

  private static String key(ObjectNode line) {
    return key(line.path("task").asText(), line.path("row").asLong(), line.path("repeat").asInt());
  }

  private static String key(String task, long row, int repeat) {
    return task + " " + row + " " + repeat;
  }

  /** The sample that an earlier, interrupted run has of a row, if its prompt was this one. */
  public Optional<ObjectNode> find(String task, long row, int repeat, String prompt) {
    return Optional.ofNullable(known.get(key(task, row, repeat)))
        .filter(line -> line.path("prompt").asText().equals(prompt));
  }

  /** Adds a sample. */
  public void add(ObjectNode line) {
    if (out != null) {
      try {
        write(line);
        out.flush();
      } catch (IOException e) {
        throw new RunFault(partial() + " cannot be written: " + Json.reason(e), e);
      }
    }
  }

  private void write(ObjectNode line) throws IOException {
    out.write(Json.compact(line) + "\n");
  }

  /** Ends with the samples of all tasks, as {@link #finish} does. */
  public void finishWith(List<TaskResult> results) {
    finish(results.stream().flatMap(r -> r.samples().stream()).toList());
  }

  /** Writes the whole file; what was there for an interrupted run goes. */
  public void finish(List<ObjectNode> samples) {
    if (file == null) {
      return;
    }
    AtomicFiles.writeText(file, format.text(samples, file));
    close();
    try {
      Files.deleteIfExists(partial());
    } catch (IOException e) {
      throw new RunFault(partial() + " cannot be deleted: " + Json.reason(e), e);
    }
  }

  @Override
  public void close() {
    if (out != null) {
      try {
        out.close();
      } catch (IOException e) {
        throw new RunFault(partial() + " cannot be written: " + Json.reason(e), e);
      }
      out = null;
    }
  }
}
