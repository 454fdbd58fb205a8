/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/**
 * Objects that wait to be sent, in files {@code queue-N.jsonl} of a directory: the newest is
 * written, the oldest is read, and deleted when all of it was sent. {@code sent.json} says how far
 * that is, with what the sender wants to remember. All of it outlives the process; of one that is
 * killed while it sends, what it sent last is sent again. Safe for threads.
 */
final class DiskQueue {
  private static final Pattern NAME = Pattern.compile("queue-(\\d{1,9})\\.jsonl");
  private static final String STATE = "sent.json";
  private static final long SEGMENT = 4 << 20;

  /** So many files may wait before some of what comes is left out, and twice as many in all. */
  private static final int SEGMENTS = 16;

  private final Path directory;
  private final TreeMap<Integer, Path> segments = new TreeMap<>();
  private final ObjectNode state;
  private int read; // the segment that is sent
  private long sent; // bytes of it
  private long left; // objects that were left out
  private long waiting; // objects

  /** What is next, and where the queue is once it was sent. */
  record Next(List<ObjectNode> objects, int segment, long offset) {}

  private DiskQueue(Path directory, ObjectNode state) {
    this.directory = directory;
    this.state = state;
    read = state.path("segment").asInt();
    sent = state.path("offset").asLong();
  }

  /**
   * Takes up what a process before left, or begins anew.
   *
   * @param anew whether what is there is of a run that another takes the place of
   */
  static DiskQueue open(Path directory, boolean anew) {
    try {
      if (anew) {
        AtomicFiles.deleteTree(directory);
      }
      AtomicFiles.prepareDirectory(directory);
      Path file = directory.resolve(STATE);
      DiskQueue queue =
          new DiskQueue(directory, Files.exists(file) ? Json.readObject(file) : Json.object());
      queue.find();
      return queue;
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be prepared: " + Json.reason(e), e);
    }
  }

  private void find() throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path p : all) {
        Matcher m = NAME.matcher(p.getFileName().toString());
        if (m.matches() && Integer.parseInt(m.group(1)) < read) {
          Files.delete(p); // all of it was sent
        } else if (m.matches()) {
          segments.put(Integer.parseInt(m.group(1)), p);
        }
      }
    }
    if (segments.isEmpty()) {
      sent = 0;
      addSegment(read);
    } else if (segments.firstKey() != read) {
      read = segments.firstKey();
      sent = 0;
    }
    endLine(segments.lastEntry().getValue());
    sent = Math.min(sent, Files.size(segments.firstEntry().getValue()));
    waiting = all().size();
  }

  /** Cuts off what a killed process left half-written. */
  private static void endLine(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    if (end < bytes.length) {
      try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
        out.truncate(end);
      }
    }
  }

  private Path addSegment(int number) throws IOException {
    Path file = directory.resolve("queue-" + number + ".jsonl");
    Files.writeString(file, "");
    segments.put(number, file);
    return file;
  }

  /** All that waits. */
  synchronized List<ObjectNode> all() {
    List<ObjectNode> found = new ArrayList<>();
    for (int segment : segments.keySet()) {
      found.addAll(objects(segment, segment == read ? sent : 0, Integer.MAX_VALUE).objects());
    }
    return found;
  }

  /** Whether nothing was put into it or remembered, ever. */
  synchronized boolean isNew() {
    return state.isEmpty() && waiting == 0;
  }

  /** How many objects wait. */
  synchronized long waiting() {
    return waiting;
  }

  /** How many objects were left out, since too many waited. */
  synchronized long left() {
    return left;
  }

  /** What the sender remembers; to be changed by {@link #remember} alone. */
  synchronized String remembered(String name) {
    return state.path(name).asText();
  }

  /** Remembers something, also after the process. */
  synchronized void remember(String name, String value) {
    state.put(name, value);
    writeState();
  }

  private void writeState() {
    state.put("segment", read).put("offset", sent);
    AtomicFiles.writeText(directory.resolve(STATE), Json.pretty(state));
  }

  /**
   * Adds one.
   *
   * @param optional whether it is left out where many wait
   */
  synchronized void put(ObjectNode object, boolean optional) {
    try {
      Path file = segments.lastEntry().getValue();
      if (!Files.exists(file) || Files.size(file) >= SEGMENT) {
        if (segments.size() >= (optional ? SEGMENTS : 2 * SEGMENTS)) {
          left++;
          return;
        }
        AtomicFiles.prepareDirectory(directory);
        file = addSegment(segments.lastKey() + 1);
      }
      byte[] line = (Json.compact(object) + "\n").getBytes(StandardCharsets.UTF_8);
      ByteBuffer bytes = ByteBuffer.wrap(line);
      try (FileChannel out = FileChannel.open(file, StandardOpenOption.APPEND)) {
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
      }
      waiting++;
      notifyAll();
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be written: " + Json.reason(e), e);
    }
  }

  /** Waits for something to send, or for a time. */
  synchronized void await(long milliseconds) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
    while (waiting == 0 && end - System.nanoTime() > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
    }
  }

  /** The next objects, at most so many; none where nothing waits. */
  synchronized Next next(int most) {
    Next next = objects(read, sent, most);
    if (next.objects().isEmpty() && segments.size() > 1) {
      done(new Next(List.of(), read + 1, 0), Map.of()); // the rest of a file may be damaged
      next = objects(read, 0, most);
    }
    return next;
  }

  private Next objects(int segment, long from, int most) {
    List<ObjectNode> found = new ArrayList<>();
    Path file = segments.get(segment);
    long end = from;
    if (file == null || !Files.exists(file)) {
      return new Next(found, segment, end);
    }
    try {
      byte[] bytes = Files.readAllBytes(file);
      int start = (int) from;
      for (int i = start; i < bytes.length && found.size() < most; i++) {
        if (bytes[i] == '\n') {
          add(found, new String(bytes, start, i - start, StandardCharsets.UTF_8));
          start = i + 1;
          end = start;
        }
      }
      return new Next(found, segment, end);
    } catch (IOException e) {
      throw new RunFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  private static void add(List<ObjectNode> found, String line) {
    try {
      found.add(Json.parseObject(line, "a line of the queue"));
    } catch (InputFault e) {
      found.add(Json.object()); // somebody has damaged it: there is nothing to send
    }
  }

  /**
   * What was given by {@link #next} was sent.
   *
   * @param more what the sender remembers with that
   */
  synchronized void done(Next next, Map<String, String> more) {
    more.forEach(state::put);
    waiting = Math.max(0, waiting - next.objects().size());
    boolean through = next.segment() > read;
    read = next.segment();
    sent = next.offset();
    writeState();
    if (through) {
      try {
        for (int old : List.copyOf(segments.headMap(read).keySet())) {
          Files.deleteIfExists(segments.remove(old));
        }
        if (segments.isEmpty()) {
          addSegment(read);
        }
      } catch (IOException e) {
        throw new RunFault(directory + " cannot be cleared: " + Json.reason(e), e);
      }
    }
  }
}
