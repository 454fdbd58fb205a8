/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.tlora.evaluate.task.Task;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;

/**
 * All tasks. A new one is a file {@code tasks/NAME.yaml} and its name here, or a user's own file.
 */
public final class Tasks {
  private static final List<String> TEXT_TASKS =
      List.of(
          "gsm8k",
          "math",
          "humaneval",
          "mbpp",
          "humaneval+",
          "mbpp+",
          "boolq",
          "piqa",
          "siqa",
          "hellaswag",
          "winogrande",
          "arc-e",
          "arc-c",
          "obqa",
          "addsub",
          "multiarith",
          "svamp",
          "singleeq",
          "aqua",
          "mawps");

  private Tasks() {}

  /**
   * The task of that name, or the one in a user's file.
   *
   * @param name one of {@link #names}, or a path that ends in .yaml or .yml
   * @throws UsageFault if there is none; the message lists those that are
   */
  public static Task named(String name) {
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      try {
        return TaskFile.read(Files.readString(Path.of(name)), name);
      } catch (IOException e) {
        throw new UsageFault("task file " + name + " cannot be read: " + Json.reason(e), e);
      }
    }
    if (TEXT_TASKS.contains(name)) {
      return own(name);
    }
    return Glue.tasks().stream()
        .filter(t -> t.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`task` "
                        + name
                        + " is not known; known are "
                        + String.join(", ", names())
                        + ", or a file of your own (.yaml)"
                        + Nearest.question(name, names())));
  }

  private static Task own(String name) {
    String file = "tasks/" + name + ".yaml";
    try (InputStream in = Tasks.class.getResourceAsStream(file)) {
      return TaskFile.read(new String(in.readAllBytes(), StandardCharsets.UTF_8), file);
    } catch (IOException e) {
      throw new IllegalStateException(file + " is not in the program", e);
    }
  }

  /** The names of all tasks. */
  public static List<String> names() {
    return Stream.concat(TEXT_TASKS.stream(), Glue.tasks().stream().map(Task::name)).toList();
  }
}
