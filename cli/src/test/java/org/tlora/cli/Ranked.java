/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tlora.collective.LaunchPlan;

/** The ranks of one command, each a process of its own that a test can do something to. */
final class Ranked {
  private final List<Child> ranks = new ArrayList<>();

  private Ranked() {}

  /** What is said to one rank beside the arguments of all. */
  interface Of {
    List<String> arguments(int rank);
  }

  /** What starts a rank where it is to be. */
  interface Place {
    List<String> before(int rank);
  }

  /** Starts {@code size} ranks; the logs go to a directory. */
  static Ranked start(int size, Path logs, Of arguments) throws IOException {
    return start(size, logs, LaunchPlan.freePort("127.0.0.1"), Map.of(), arguments);
  }

  /**
   * The same at a port, with more variables of the environment.
   *
   * @param more by name; {@code %} in a value stands for the rank
   */
  static Ranked start(int size, Path logs, int port, Map<String, String> more, Of arguments)
      throws IOException {
    return start(size, logs, port, more, rank -> List.of(), arguments);
  }

  /** The same, each somewhere else. */
  static Ranked start(
      int size, Path logs, int port, Map<String, String> more, Place place, Of arguments)
      throws IOException {
    Ranked all = new Ranked();
    for (int r = 0; r < size; r++) {
      String rank = "" + r;
      Map<String, String> variables = new TreeMap<>();
      variables.put("RANK", rank);
      variables.put("LOCAL_RANK", rank);
      variables.put("WORLD_SIZE", "" + size);
      variables.put("LOCAL_WORLD_SIZE", "" + size);
      variables.put("MASTER_ADDR", "127.0.0.1");
      variables.put("MASTER_PORT", "" + port);
      more.forEach((name, value) -> variables.put(name, value.replace("%", rank)));
      List<String> before = new ArrayList<>();
      before.addAll(place.before(r));
      before.add("env");
      variables.forEach((name, value) -> before.add(name + "=" + value));
      all.ranks.add(Child.start(before, logs.resolve("log-" + r), arguments.arguments(r)));
    }
    return all;
  }

  Child rank(int r) {
    return ranks.get(r);
  }

  /** The exit statuses of all, once they have ended. */
  List<Integer> statuses() throws IOException, InterruptedException {
    List<Integer> all = new ArrayList<>();
    for (Child c : ranks) {
      all.add(c.status());
    }
    return all;
  }

  /** What all have said. */
  String logs() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int r = 0; r < ranks.size(); r++) {
      all.append("rank ").append(r).append(":\n").append(ranks.get(r).log()).append('\n');
    }
    return all.toString();
  }

  void killAll() throws InterruptedException {
    for (Child c : ranks) {
      c.kill();
    }
  }
}
