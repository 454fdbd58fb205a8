package org.tlora.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tlora.cli.option.RunYaml;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The {@code run.yaml} of a run that starts. It is there before anything takes time, so that a run
 * that is killed while its model is loaded or while it calibrates can be resumed, and an earlier
 * run's options are not mistaken for its own. A run that turns out to be none, since its options or
 * its input are wrong, takes it back.
 */
public final class StartedRun {
  public static final String FILE = "run.yaml";

  private final Path file;
  private final byte[] earlier; // or null
  private boolean stays;

  private StartedRun(Path file, byte[] earlier) {
    this.file = file;
    this.earlier = earlier;
  }

  /** Writes the file into a directory that nobody else writes to. */
  static StartedRun of(Path directory, CommandSpec command) {
    Path file = directory.resolve(FILE);
    try {
      byte[] earlier = Files.exists(file) ? Files.readAllBytes(file) : null;
      RunYaml.write(file, command);
      return new StartedRun(file, earlier);
    } catch (IOException e) {
      throw new RunFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  /** The run is one: it is not taken back any more. */
  void stays() {
    stays = true;
  }

  /** Puts back what was there before. */
  void takeBack() {
    if (stays) {
      return;
    }
    if (earlier != null) {
      AtomicFiles.write(file, out -> out.write(earlier));
      return;
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new RunFault(file + " cannot be deleted: " + Json.reason(e), e);
    }
  }
}
