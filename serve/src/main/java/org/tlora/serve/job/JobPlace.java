/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/**
 * Where jobs keep what they make.
 *
 * @param root of all of them
 */
record JobPlace(Path root) {
  private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d{1,18})");

  Path directory(String job) {
    return root.resolve(job);
  }

  /** What it trains with. */
  Path options(String job) {
    return directory(job).resolve("job.yaml");
  }

  /** As of the command line. */
  Path output(String job) {
    return directory(job).resolve("output");
  }

  Path metrics(String job) {
    return output(job).resolve("metrics.jsonl");
  }

  /** Whether there may be something to go on from. */
  boolean isBegun(String job) {
    return Files.exists(output(job).resolve("run.yaml"));
  }

  Path checkpoint(String job, long steps) {
    return output(job).resolve("checkpoints").resolve("step-" + steps);
  }

  /** After how many steps there are checkpoints, the newest first. */
  List<Long> checkpoints(String job) {
    List<Long> steps = new ArrayList<>();
    Path all = output(job).resolve("checkpoints");
    if (!Files.isDirectory(all)) {
      return steps;
    }
    try (Stream<Path> some = Files.list(all)) {
      for (Path one : some.toList()) {
        Matcher name = CHECKPOINT.matcher(one.getFileName().toString());
        if (name.matches()) {
          steps.add(Long.parseLong(name.group(1)));
        }
      }
    } catch (IOException e) {
      throw new RunFault(all + " cannot be listed: " + Json.reason(e), e);
    }
    steps.sort((a, b) -> Long.compare(b, a));
    return steps;
  }

  /** What is said, without where the server keeps things: that is nobody else's matter. */
  String unnamed(String said) {
    String home = Pattern.quote(root.getParent() + "/");
    return said.replaceAll(home + "(jobs|files)/[^/\\s]+/", "");
  }

  /** Deletes what a job has made. */
  void delete(String job) {
    try {
      AtomicFiles.deleteTree(output(job));
    } catch (IOException e) {
      throw new RunFault(output(job) + " cannot be deleted: " + Json.reason(e), e);
    }
  }
}
