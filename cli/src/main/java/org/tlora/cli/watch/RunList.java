/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * The runs of some directories: each that is one, and those that are directly within it. They are
 * looked for again whenever somebody asks, though not more often than is of use.
 */
final class RunList {
  private static final int MOST = 200;
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /**
   * What there is.
   *
   * @param runs by name
   * @param notes what could not be looked at, for people
   */
  record Found(Map<String, WatchedRun> runs, List<String> notes) {}

  private final List<Path> given;
  private final String nonce;
  private final Map<Path, WatchedRun> known = new LinkedHashMap<>();
  private Found found = new Found(Map.of(), List.of());
  private long looked;
  private boolean begun;

  /**
   * Runs of directories.
   *
   * @throws InputFault if one of them is none
   */
  RunList(List<Path> directories) {
    given = new ArrayList<>();
    for (Path directory : directories) {
      try {
        Path real = directory.toRealPath();
        if (!Files.isDirectory(real)) {
          throw new InputFault(directory + " is no directory: name one of a run, or one of runs");
        }
        given.add(real);
      } catch (IOException e) {
        throw new InputFault(directory + " cannot be looked at: " + Json.reason(e), e);
      }
    }
    nonce = Long.toString(new SecureRandom().nextLong() >>> 16, Character.MAX_RADIX) + "-";
  }

  /** Has somebody see the runs as they are now; one at a time. */
  synchronized <T> T now(Function<Found, T> use) {
    long now = System.nanoTime();
    if (!begun || now - looked > FRESH_NANOS) {
      look();
      begun = true;
      looked = System.nanoTime();
    }
    return use.apply(found);
  }

  private void look() {
    List<String> notes = new ArrayList<>();
    Map<Path, String> there = new LinkedHashMap<>();
    for (Path directory : given) {
      directories(directory, there, notes);
    }
    known.keySet().retainAll(there.keySet());
    there.keySet().forEach(d -> known.computeIfAbsent(d, p -> new WatchedRun(p, nonce)));
    List<WatchedRun> newest = new ArrayList<>(known.values());
    if (newest.size() > MOST) {
      newest.sort(Comparator.comparing(WatchedRun::changed).reversed());
      notes.add(newest.size() - MOST + " older runs are not shown; name directories with fewer");
    }
    Set<WatchedRun> shown = new HashSet<>(newest.subList(0, Math.min(MOST, newest.size())));
    Map<String, WatchedRun> runs = new LinkedHashMap<>();
    there.forEach(
        (directory, name) -> {
          WatchedRun run = known.get(directory);
          if (shown.contains(run)) {
            run.look();
            runs.put(runs.containsKey(name) ? directory.toString() : name, run);
          }
        });
    found = new Found(runs, notes);
  }

  /** Adds the runs of a directory with their names. */
  private void directories(Path directory, Map<Path, String> there, List<String> notes) {
    String own = "" + directory.getFileName();
    if (RunFiles.isRun(directory)) {
      there.putIfAbsent(directory, own);
    }
    List<Path> children;
    try (Stream<Path> all = Files.list(directory)) {
      children = all.sorted().toList();
    } catch (IOException e) {
      notes.add(directory + " cannot be looked at: " + Json.reason(e));
      return;
    }
    for (Path child : children) {
      if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS) && RunFiles.isRun(child)) {
        String name = "" + child.getFileName();
        there.putIfAbsent(child, given.size() == 1 ? name : own + "/" + name);
      }
    }
  }
}
