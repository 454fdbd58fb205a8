/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.tlora.cli.option.RunYaml;
import org.tlora.tune.RunSamples;

/** The files of a run that are looked at; a link is taken for none, wherever it leads. */
final class RunFiles {
  static final String METRICS = "metrics.jsonl";
  static final String CALIBRATION = "calibration.json";
  static final String REPORT = "report.html";

  private RunFiles() {}

  /** Whether a run has begun in a directory. */
  static boolean isRun(Path directory) {
    return of(directory, RunYaml.FILE) != null || of(directory, METRICS) != null;
  }

  /** What the system says of a file; null where there is none of that name. */
  static BasicFileAttributes of(Path directory, String name) {
    try {
      BasicFileAttributes found =
          Files.readAttributes(
              directory.resolve(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return found.isRegularFile() ? found : null;
    } catch (IOException e) {
      return null; // it is not there, or not ours to read
    }
  }

  /** The name of something that is there in the place of one of the files; null: all is well. */
  static String stranger(Path directory) {
    for (String name : new String[] {RunYaml.FILE, METRICS, CALIBRATION, RunSamples.FILE, REPORT}) {
      boolean there = Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
      if (there && of(directory, name) == null) {
        return name;
      }
    }
    return null;
  }
}
