/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.fault.UsageFault;

/**
 * {@code SLURM_PROCID} and {@code SLURM_NTASKS} of a step that {@code srun} started. Outside a
 * step, in the script that {@code sbatch} runs, the same variables stand for all tasks at once; a
 * process there is by itself.
 */
final class Slurm implements Launcher {
  /** Up to the first node's name or the first number of a list: {@code n[07-09,12],m3}. */
  private static final Pattern FIRST = Pattern.compile("([^,\\[]+)(?:\\[([^,\\]-]+)[^\\]]*\\])?.*");

  /** Jobs of a machine at the same time listen at different ports. */
  private static final int PORTS = 1000;

  @Override
  public Optional<World> world(LaunchEnvironment environment) {
    if (!environment.has("SLURM_PROCID") || !environment.has("SLURM_STEP_ID")) {
      return Optional.empty();
    }
    String why = "SLURM_PROCID is set";
    int size = environment.number("SLURM_STEP_NUM_TASKS", environment.number("SLURM_NTASKS", -1));
    if (size < 0) {
      size = environment.required("SLURM_NTASKS", why);
    }
    String nodes =
        environment.text("SLURM_STEP_NODELIST", environment.text("SLURM_NODELIST", null));
    String first =
        nodes == null
            ? environment.text("MASTER_ADDR", size == 1 ? "127.0.0.1" : null, why)
            : environment.text("MASTER_ADDR", firstOf(nodes));
    int job = environment.number("SLURM_JOB_ID", 0);
    int local = environment.number("SLURM_LOCALID", 0);
    return Optional.of(
        new World(
            environment.required("SLURM_PROCID", why),
            size,
            local,
            tasksHere(environment, local),
            first,
            environment.number("MASTER_PORT", World.DEFAULT_PORT + job % PORTS),
            false,
            "SLURM_PROCID and SLURM_NTASKS"));
  }

  /** Tasks of this node: {@code SLURM_STEP_TASKS_PER_NODE} is a list such as {@code 2(x3),1}. */
  private static int tasksHere(LaunchEnvironment environment, int local) {
    String list =
        environment.text("SLURM_STEP_TASKS_PER_NODE", environment.text("SLURM_TASKS_PER_NODE", ""));
    int node = environment.number("SLURM_NODEID", 0);
    Matcher part = Pattern.compile("([0-9]+)(?:\\(x([0-9]+)\\))?").matcher(list);
    while (part.find()) {
      int nodes = part.group(2) == null ? 1 : Integer.parseInt(part.group(2));
      if (node < nodes) {
        return Math.max(Integer.parseInt(part.group(1)), local + 1);
      }
      node -= nodes;
    }
    return local + 1;
  }

  /** The first node's name of a list. */
  static String firstOf(String nodes) {
    Matcher found = FIRST.matcher(nodes);
    if (!found.matches()) {
      throw new UsageFault("SLURM_NODELIST '" + nodes + "' is no list of nodes: set MASTER_ADDR");
    }
    return found.group(1) + (found.group(2) == null ? "" : found.group(2));
  }
}
