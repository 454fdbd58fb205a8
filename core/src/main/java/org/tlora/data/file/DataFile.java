/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;

/**
 * A file of rows.
 *
 * @param path where it is; {@link #STDIN} for standard input
 * @param weight how often an epoch sees each of its rows, on average
 * @param columns of separated values without a line that names them; empty: the first line does
 */
public record DataFile(Path path, double weight, List<String> columns) {
  /** Stands for standard input. */
  public static final Path STDIN = Path.of("-");

  private static final double MOST_WEIGHT = 1000;
  private static final Pattern WEIGHTED = Pattern.compile("(.+)@([^@/\\\\]+)");

  /** Looks like an option, which after many files is taken for one more of them. */
  private static final Pattern OPTION = Pattern.compile("--?[A-Za-z].*");

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?|[+-]?(?i:inf|infinity|nan)");

  /**
   * The files that arguments name: paths, globs such as {@code data/*.jsonl} and {@code -}, each
   * with {@code @WEIGHT} behind it if its rows should count more or less.
   *
   * @throws UsageFault if a weight is none that rows can have, or one is a mistyped option
   * @throws InputFault if a glob matches nothing
   */
  public static List<DataFile> named(List<String> arguments) {
    List<DataFile> files = new ArrayList<>();
    for (String argument : arguments) {
      if (OPTION.matcher(argument).matches() && !Files.exists(path(argument))) {
        throw new UsageFault("`data` " + argument + ": no such option, and no such file");
      }
      Matcher m = WEIGHTED.matcher(argument);
      boolean weighted =
          m.matches()
              && !Files.exists(path(argument))
              && (NUMBER.matcher(m.group(2)).matches() || Files.exists(path(m.group(1))));
      double weight = weighted ? weight(argument, m.group(2)) : 1;
      for (Path p : matching(weighted ? m.group(1) : argument)) {
        files.add(new DataFile(p, weight, List.of()));
      }
    }
    return files;
  }

  /**
   * A weight.
   *
   * @param argument that it stands in
   * @throws UsageFault if it is no number above 0 and up to 1000
   */
  public static double weight(String argument, String text) {
    double weight;
    try {
      weight = NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
    } catch (NumberFormatException e) {
      weight = Double.NaN; // "inf", which Java writes otherwise
    }
    if (!(weight > 0 && weight <= MOST_WEIGHT)) {
      throw new UsageFault(
          "`data` " + argument + ": a weight must be above 0 and at most 1000, not " + text);
    }
    return weight;
  }

  /** A single file. */
  public static DataFile of(Path path) {
    return new DataFile(path, 1, List.of());
  }

  /** Whether it holds separated values, whose columns can be named. */
  public boolean isDelimited() {
    return List.of("csv", "tsv").contains(ending());
  }

  /** The same file with names for its columns. */
  public DataFile withColumns(List<String> names) {
    return new DataFile(path, weight, List.copyOf(names));
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new InputFault(text + " is not a file name: " + e.getReason(), e);
    }
  }

  private static List<Path> matching(String text) {
    Path path = path(text);
    boolean glob = text.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
    if (!glob || Files.exists(path)) {
      return List.of(path);
    }
    Path directory = path.getParent() == null ? Path.of("") : path.getParent();
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, path.getFileName().toString())) {
      files.forEach(found::add);
    } catch (IOException e) {
      throw new InputFault(directory + " cannot be listed: " + Json.reason(e), e);
    }
    if (found.isEmpty()) {
      throw new InputFault("no file matches " + text);
    }
    Collections.sort(found);
    return found;
  }

  /** Whether its rows come from standard input. */
  public boolean isStandardInput() {
    return path.equals(STDIN);
  }

  /** What it is called in messages. */
  public String name() {
    return Row.nameOf(path);
  }

  /** As it is named on the command line. */
  @Override
  public String toString() {
    return weight == 1 ? path.toString() : path + "@" + weight;
  }

  /** The ending that tells the format, in lower case and without that of compression. */
  String ending() {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    for (String compressed : List.of(".gz", ".zst")) {
      if (name.endsWith(compressed)) {
        name = name.substring(0, name.length() - compressed.length());
      }
    }
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1);
  }
}
