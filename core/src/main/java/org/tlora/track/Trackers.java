/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.tlora.fault.UsageFault;

/** All trackers. A new one is a class and its line here. */
public final class Trackers {
  private static final List<Tracker> ALL = List.of(new TensorBoard(), new Mlflow());

  private Trackers() {}

  /** Their names. */
  public static List<String> names() {
    return ALL.stream().map(Tracker::name).toList();
  }

  /**
   * Names that are known, each once.
   *
   * @throws UsageFault if one is not
   */
  public static List<String> known(List<String> names) {
    names.forEach(Trackers::named);
    return List.copyOf(new LinkedHashSet<>(names));
  }

  private static Tracker named(String name) {
    return ALL.stream()
        .filter(t -> t.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`track` "
                        + name
                        + " is not known; known are "
                        + ALL.stream().map(Tracker::name).collect(Collectors.joining(", "))));
  }

  /**
   * Makes sure that some can be used.
   *
   * @throws UsageFault if one cannot
   */
  public static void check(List<String> names, Map<String, String> environment) {
    names.forEach(n -> named(n).check(environment));
  }

  /** Begins to track a run with some. */
  public static List<Tracking> open(
      List<String> names, TrackedRun run, Map<String, String> environment) {
    List<Tracking> opened = new ArrayList<>();
    try {
      names.forEach(n -> opened.add(named(n).open(run, environment)));
      return opened;
    } catch (RuntimeException e) {
      opened.forEach(Tracking::close);
      throw e;
    }
  }
}
