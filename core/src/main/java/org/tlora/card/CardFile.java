/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.tlora.fault.InputFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.Yaml;

/**
 * A README with parts between markers, which are this project's and are written anew; all else in
 * it is its user's and stays as it is. A part whose markers somebody has taken away is theirs too.
 * Immutable.
 */
public final class CardFile {
  /** What the file is called. */
  public static final String NAME = "README.md";

  /** What was trained, on what, and how. */
  static final String CARD = "card";

  /** How it is used. */
  static final String USE = "use";

  /** How it did on tasks. */
  static final String SCORES = "scores";

  private static final String METADATA = "metadata";
  private static final String BEGIN = "tlora:begin ";
  private static final String END = "tlora:end ";
  private static final String EXPLAINED =
      " (what is between the two lines is written anew; what you write elsewhere stays)";

  private final List<String> lines;
  private final String where;

  private CardFile(List<String> lines, String where) {
    this.lines = lines;
    this.where = where;
  }

  /** From which line to which, the two with the markers among them. */
  private record Span(int first, int last) {}

  /** A new one, with nothing but a title. */
  static CardFile titled(String title, String where) {
    return new CardFile(List.of("# " + Markdown.line(title), ""), where);
  }

  /** One with this text. */
  public static CardFile parse(String text, String where) {
    return new CardFile(Arrays.asList(text.split("\n", -1)), where);
  }

  /**
   * That of a directory; nothing where there is none.
   *
   * @throws InputFault if it cannot be read, or is no file of the directory's own
   */
  public static Optional<CardFile> read(Path directory) {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new InputFault(file + " is no file of its own");
    }
    try {
      return Optional.of(parse(Files.readString(file), file.toString()));
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  /** What a directory is called where its place does not matter, fit for commands and code. */
  public static String shortName(Path directory) {
    String name = String.valueOf(directory.toAbsolutePath().normalize().getFileName());
    return name.replaceAll("[^\\p{L}\\p{N}._-]", "_");
  }

  /** A path, or null where the text is none. */
  static Path path(String text) {
    try {
      return text.isEmpty() ? null : Path.of(text);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** Whether any part of it is this project's. */
  public boolean isOurs() {
    return has(METADATA) || has(CARD) || has(USE) || has(SCORES);
  }

  boolean has(String part) {
    return span(part).isPresent();
  }

  private Optional<Span> span(String part) {
    String begin = mark(part, BEGIN + part, "");
    String end = mark(part, END + part, part.equals(METADATA) ? "" : " -->");
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.equals(begin) || line.startsWith(begin + " ")) {
        for (int j = i + 1; j < lines.size(); j++) {
          if (lines.get(j).strip().equals(end)) {
            return Optional.of(new Span(i, j));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static String mark(String part, String text, String end) {
    return (part.equals(METADATA) ? "# " : "<!-- ") + text + end;
  }

  private static List<String> marked(String part, String text) {
    String end = part.equals(METADATA) ? "" : " -->";
    List<String> all = new ArrayList<>();
    all.add(mark(part, BEGIN + part, EXPLAINED + end));
    text.lines().forEach(all::add);
    all.add(mark(part, END + part, end));
    return all;
  }

  /**
   * What this project has written of the metadata.
   *
   * @throws InputFault if somebody has broken it
   */
  ObjectNode metadata() {
    return span(METADATA)
        .map(s -> Yaml.parse(joined(lines.subList(s.first() + 1, s.last())), top()))
        .orElseGet(Json::object);
  }

  /**
   * All of the metadata, its user's too.
   *
   * @throws InputFault if they are not valid YAML
   */
  ObjectNode everything() {
    int end = FrontMatter.end(lines);
    return end < 0 ? Json.object() : Yaml.parse(joined(lines.subList(1, end)), top());
  }

  /**
   * The same file with other metadata; names that its user has given a value outside of the markers
   * keep that.
   *
   * @throws InputFault if what the user has written at the top is not valid YAML
   */
  CardFile withMetadata(ObjectNode metadata) {
    List<String> other = new ArrayList<>(lines);
    span(METADATA).ifPresent(s -> other.subList(s.first(), s.last() + 1).clear());
    int end = FrontMatter.end(other);
    ObjectNode own = metadata.deepCopy();
    if (end < 0) {
      other.addAll(0, List.of("---", "---", ""));
    } else {
      ObjectNode theirs = Yaml.parse(joined(other.subList(1, end)), top());
      theirs.fieldNames().forEachRemaining(own::remove);
    }
    // where it was, or else at the top
    int place = span(METADATA).filter(s -> end >= 0).map(Span::first).orElse(1);
    other.addAll(place, marked(METADATA, Yaml.write(own)));
    return new CardFile(other, where);
  }

  /** The same file with another text in one of the parts, if it has that part. */
  CardFile with(String part, String text) {
    return span(part)
        .map(
            s -> {
              List<String> other = new ArrayList<>(lines.subList(0, s.first()));
              other.addAll(marked(part, text));
              other.addAll(lines.subList(s.last() + 1, lines.size()));
              return new CardFile(other, where);
            })
        .orElse(this);
  }

  /** The same, where the part is put at the end if it is not there. */
  CardFile withAtEnd(String part, String text) {
    if (has(part)) {
      return with(part, text);
    }
    List<String> other = new ArrayList<>(lines);
    if (!other.get(other.size() - 1).isBlank()) {
      other.add("");
    }
    other.addAll(marked(part, text));
    other.add("");
    return new CardFile(other, where);
  }

  /** The same file without a line of one of the parts. */
  CardFile without(String part, String line) {
    return span(part)
        .map(
            s -> {
              List<String> other = new ArrayList<>(lines);
              other.subList(s.first(), s.last()).removeIf(line::equals);
              return new CardFile(other, where);
            })
        .orElse(this);
  }

  private String top() {
    return where + ": what is between its first lines of dashes";
  }

  private static String joined(List<String> lines) {
    return String.join("\n", lines);
  }

  /** Its text. */
  public String text() {
    return joined(lines);
  }

  /**
   * Writes it into a directory, whole or not at all.
   *
   * @throws org.tlora.fault.RunFault if it cannot be written
   */
  void write(Path directory) {
    AtomicFiles.writeText(directory.resolve(NAME), text());
  }
}
