/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.tlora.cli.look.TotalSteps;
import org.tlora.cli.option.OptionFile;
import org.tlora.cli.option.RunYaml;
import org.tlora.fault.Fault;
import org.tlora.fault.InputFault;
import org.tlora.format.Sha256;

/** A run that is looked at again and again; one thread at a time. */
final class WatchedRun {
  private static final long MOST_OPTION_BYTES = 1 << 20;

  private final Path directory;
  private final String id;
  private final String nonce;
  private final MetricsTail tail;
  private long generation;
  private Map<String, List<String>> options = Map.of();
  private FileTime optionsTime; // of the file that was read, or null
  private RunState state = RunState.CRASHED;
  private OptionalLong total = OptionalLong.empty();
  private String problem;

  /**
   * A run.
   *
   * @param nonce of this server: what another one has told of the run is not gone on with
   */
  WatchedRun(Path directory, String nonce) {
    this.directory = directory;
    this.nonce = nonce;
    id = Sha256.of(directory.toString()).substring(0, 16);
    tail = new MetricsTail(directory);
  }

  Path directory() {
    return directory;
  }

  /** What clients name it by. */
  String id() {
    return id;
  }

  /** Another one each time that what was told before is void. */
  String generation() {
    return nonce + generation;
  }

  Points points() {
    return tail.points();
  }

  /** As its {@code run.yaml} has them. */
  Map<String, List<String>> options() {
    return options;
  }

  /** The value of an option, or null. */
  String option(String name) {
    List<String> values = options.get(name);
    return values == null ? null : String.join(", ", values);
  }

  RunState state() {
    return state;
  }

  /** Of how many steps it is, where that can be told. */
  OptionalLong total() {
    return total;
  }

  /** Steps that were taken or skipped. */
  long steps() {
    return tail.lastStep() + 1;
  }

  long skipped() {
    return tail.skipped();
  }

  /** What is wrong with its files, or null. */
  String problem() {
    return problem;
  }

  /** What is left of it in seconds, without evaluations; NaN where that cannot be told. */
  double secondsLeft() {
    return state == RunState.RUNNING && total.isPresent()
        ? Math.max(0, total.getAsLong() - steps()) * points().secondsOfStep()
        : Double.NaN;
  }

  /** When something was written to it last. */
  FileTime changed() {
    BasicFileAttributes metrics = RunFiles.of(directory, RunFiles.METRICS);
    BasicFileAttributes begun = RunFiles.of(directory, RunYaml.FILE);
    BasicFileAttributes newest = metrics == null ? begun : metrics;
    return newest == null ? FileTime.fromMillis(0) : newest.lastModifiedTime();
  }

  /** Reads what has come. */
  void look() {
    problem = null;
    try {
      readOptions();
      if (tail.more()) {
        generation++;
      }
    } catch (Fault e) {
      problem = e.getMessage();
    }
    String stranger = RunFiles.stranger(directory);
    if (stranger != null) {
      problem = stranger + " is a link or no file: it is not read";
    } else if (problem == null && tail.damaged() > 1) {
      problem = RunFiles.METRICS + " has " + tail.damaged() + " lines that are no JSON";
    }
    total = TotalSteps.of(options, points().ends(), tail.lastStep());
    state = RunState.of(directory, steps(), total);
  }

  private void readOptions() {
    BasicFileAttributes file = RunFiles.of(directory, RunYaml.FILE);
    FileTime time = file == null ? null : file.lastModifiedTime();
    if (time == null ? optionsTime == null : time.equals(optionsTime)) {
      return;
    }
    if (file != null && file.size() > MOST_OPTION_BYTES) {
      throw new InputFault(RunYaml.FILE + " is larger than options are: it is not read");
    }
    Map<String, List<String>> before = options;
    options = file == null ? Map.of() : OptionFile.read(directory.resolve(RunYaml.FILE));
    optionsTime = time;
    if (!options.equals(before)) {
      generation++;
    }
  }
}
