package org.tlora.evaluate;

import java.util.List;
import java.util.stream.Stream;
import org.tlora.fault.UsageFault;

/** All tasks. A new one is a class of its own and a line here. */
public final class Tasks {
  private static final List<Task> ALL =
      Stream.concat(Stream.of(new Gsm8k()), Glue.tasks().stream()).toList();

  private Tasks() {}

  /**
   * The task of that name.
   *
   * @throws UsageFault if there is none; the message lists those that are
   */
  public static Task named(String name) {
    return ALL.stream()
        .filter(t -> t.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "--task " + name + " is not known; known are " + String.join(", ", names())));
  }

  /** The names of all tasks. */
  public static List<String> names() {
    return ALL.stream().map(Task::name).toList();
  }
}
