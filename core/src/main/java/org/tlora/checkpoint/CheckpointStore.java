/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.Sha256;

/**
 * Checkpoints of a run: directories {@code step-N}, each with a manifest of its files' sizes and
 * SHA-256 digests. One is there whole or not at all: it is written under a temporary name, all the
 * way to the disk, then renamed. The best state of a run is beside them, {@code best-N}, written in
 * the same way.
 */
public final class CheckpointStore {
  /** Lists the other files of a checkpoint. */
  public static final String MANIFEST = "manifest.json";

  private static final int VERSION = 1;
  private static final long MOST_MANIFEST_BYTES = 1 << 20;
  private static final Pattern NAME =
      Pattern.compile("step-(\\d{1,18})|\\.step-(\\d{1,18})\\.replaced");
  private static final Pattern BEST = Pattern.compile("best-(\\d{1,18})");
  private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_.-]+");

  private final Path directory;

  /** The checkpoints in a directory, which need not exist. */
  public CheckpointStore(Path directory) {
    this.directory = directory;
  }

  /** Writes the files of a checkpoint into a directory. */
  public interface Content {
    /** Writes them all. */
    void writeTo(Path directory) throws IOException;
  }

  /** A checkpoint that was found; whether it is whole is told by who found it. */
  public record Found(long steps, Path path) {}

  /** Whether there is any, whole or not. */
  public boolean isEmpty() {
    return newestFirst().isEmpty();
  }

  /**
   * Writes a checkpoint, in the place of one of the same step where there is one, and deletes the
   * oldest beyond {@code keep}. Those of later steps go, too: the run went on from before them,
   * since they are damaged or of other options.
   *
   * @return where it is
   * @throws RunFault if that is not possible; those that were there are untouched then
   */
  public Path write(long steps, int keep, Content content) {
    Path target = directory.resolve("step-" + steps);
    return whole(
        target,
        content,
        () -> {
          List<Found> all = newestFirst();
          List<Found> earlier = all.stream().filter(f -> f.steps() <= steps).toList();
          List<Found> kept = earlier.subList(0, Math.min(keep, earlier.size()));
          for (Found old : all) {
            if (!kept.contains(old)) {
              AtomicFiles.deleteTree(old.path());
            }
          }
        });
  }

  /** What follows once a directory is there. */
  private interface Then {
    void run() throws IOException;
  }

  private Path whole(Path target, Content content, Then then) {
    String name = target.getFileName().toString();
    Path temporary = directory.resolve("." + name + ".partial");
    try {
      AtomicFiles.deleteTree(temporary);
      Files.createDirectories(temporary);
      content.writeTo(temporary);
      AtomicFiles.writeText(temporary.resolve(MANIFEST), Json.pretty(manifest(temporary)));
      if (Files.exists(target)) {
        Path replaced = directory.resolve("." + name + ".replaced");
        AtomicFiles.deleteTree(replaced);
        Files.move(target, replaced, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      AtomicFiles.syncDirectory(directory);
      deleteLeftovers();
      then.run();
      return target;
    } catch (IOException | RunFault e) {
      try {
        AtomicFiles.deleteTree(temporary);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      if (e instanceof RunFault fault) {
        throw fault;
      }
      throw new RunFault(
          "checkpoint " + target + " cannot be written: " + Json.reason((IOException) e), e);
    }
  }

  /**
   * Writes the best state of a run, which is no checkpoint to go on from, and deletes earlier ones.
   *
   * @param alsoKept those that a checkpoint speaks of, by their steps
   * @return where it is
   * @throws RunFault if that is not possible
   */
  public Path writeBest(long steps, Set<Long> alsoKept, Content content) {
    Path target = best(steps);
    return whole(
        target,
        content,
        () -> {
          Set<Long> kept = new HashSet<>(alsoKept);
          kept.add(steps);
          deleteBest(kept);
        });
  }

  /** Where the best state is that was reached after so many steps. */
  public Path best(long steps) {
    return directory.resolve("best-" + steps);
  }

  /**
   * Deletes all best states but some.
   *
   * @throws RunFault if that is not possible
   */
  public void keepBest(Set<Long> kept) {
    try {
      deleteBest(kept);
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be cleared: " + Json.reason(e), e);
    }
  }

  private void deleteBest(Set<Long> kept) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "best-*")) {
      for (Path p : all) {
        Matcher m = BEST.matcher(p.getFileName().toString());
        if (m.matches() && !kept.contains(Long.parseLong(m.group(1)))) {
          AtomicFiles.deleteTree(p);
        }
      }
    }
  }

  /** Where checkpoints are, whole or not, the newest first. */
  public List<Path> all() {
    return newestFirst().stream().map(Found::path).toList();
  }

  /** Deletes what was replaced, and what processes left that were killed while they saved. */
  private void deleteLeftovers() throws IOException {
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(directory, ".{step,best}-*.{partial,replaced}")) {
      for (Path p : all) {
        AtomicFiles.deleteTree(p);
      }
    }
  }

  private static ObjectNode manifest(Path checkpoint) throws IOException {
    ObjectNode manifest = Json.object();
    manifest.put("version", VERSION);
    ObjectNode files = manifest.putObject("files");
    try (Stream<Path> all = Files.list(checkpoint)) {
      for (Path file : all.sorted().toList()) {
        files
            .putObject(file.getFileName().toString())
            .put("bytes", Files.size(file))
            .put("sha256", Sha256.of(file));
      }
    }
    return manifest;
  }

  /**
   * The newest checkpoint that is whole.
   *
   * @param damaged is told of each newer one, and what is wrong with it
   */
  public Optional<Found> newest(Consumer<String> damaged) {
    for (Found candidate : newestFirst()) {
      try {
        check(candidate.path());
        return Optional.of(candidate);
      } catch (InputFault e) {
        damaged.accept(e.getMessage());
      }
    }
    return Optional.empty();
  }

  /**
   * Checks every file of a checkpoint against its manifest.
   *
   * @throws InputFault if one is missing, longer, shorter or changed
   */
  public static void check(Path checkpoint) {
    Path file = checkpoint.resolve(MANIFEST);
    try {
      if (Files.isRegularFile(file) && Files.size(file) > MOST_MANIFEST_BYTES) {
        throw new InputFault("checkpoint " + checkpoint + " is damaged: its manifest is too long");
      }
      JsonNode files = readManifest(file);
      for (Map.Entry<String, JsonNode> e : files.properties()) {
        check(checkpoint, e.getKey(), e.getValue());
      }
    } catch (IOException e) {
      throw new InputFault("checkpoint " + checkpoint + " cannot be read: " + Json.reason(e), e);
    }
  }

  /** The files that a manifest lists. */
  private static JsonNode readManifest(Path file) {
    ObjectNode manifest = Json.readObject(file);
    if (manifest.path("version").asInt() != VERSION) {
      throw new InputFault(
          file + " is of version " + manifest.path("version") + ", not " + VERSION);
    }
    JsonNode files = manifest.path("files");
    if (!files.isObject() || files.isEmpty()) {
      throw new InputFault(file + " lists no files");
    }
    return files;
  }

  private static void check(Path checkpoint, String name, JsonNode said) throws IOException {
    String damaged = "checkpoint " + checkpoint + " is damaged: ";
    if (!FILE.matcher(name).matches() || name.startsWith(".")) {
      throw new InputFault(damaged + "its manifest lists '" + name + "', which is no file of it");
    }
    Path file = checkpoint.resolve(name);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new InputFault(damaged + name + " is missing");
    }
    if (Files.size(file) != said.path("bytes").asLong(-1)) {
      throw new InputFault(
          damaged + name + " has " + Files.size(file) + " bytes, not " + said.path("bytes"));
    }
    if (!Sha256.of(file).equals(said.path("sha256").asText())) {
      throw new InputFault(damaged + name + " is not what was written (SHA-256 differs)");
    }
  }

  /** All that are there, whole or not, the newest first. */
  public List<Found> newestFirst() {
    List<Found> found = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return found;
    }
    try (Stream<Path> all = Files.list(directory)) {
      for (Path p : all.toList()) {
        Matcher m = NAME.matcher(p.getFileName().toString());
        if (m.matches() && Files.isDirectory(p)) {
          found.add(new Found(Long.parseLong(m.group(1) == null ? m.group(2) : m.group(1)), p));
        }
      }
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be listed: " + Json.reason(e), e);
    }
    // of one step, the one that has its name before the one that was to be replaced
    found.sort(
        Comparator.comparingLong(Found::steps)
            .thenComparing(f -> f.path().getFileName().toString())
            .reversed());
    return found;
  }
}
