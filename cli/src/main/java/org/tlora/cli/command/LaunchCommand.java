/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.tlora.cli.terminal.Ranks;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.collective.LaunchPlan;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tlora launch}. */
@Command(
    name = "launch",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Start several processes on this machine that share one command.",
    customSynopsis = "tlora launch [--processes N] [--threads T] -- COMMAND ...")
public final class LaunchCommand implements Callable<Integer> {
  /** What processes share; any other command each of them would do alone. */
  private static final Set<String> SHARED =
      Set.of("train", "calibrate", "compare", "evaluate", "generate");

  @Option(
      names = "--processes",
      paramLabel = "N",
      description = "How many (default: what PET_NPROC_PER_NODE says).")
  private Integer processes;

  @Option(
      names = "--threads",
      paramLabel = "T",
      description = "Threads of each (default: the machine's, shared out).")
  private Integer threads;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "0",
      description =
          "Where they find each other, on this machine alone (default: one that is free).")
  private int port;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The command and its options.")
  private List<String> command = new ArrayList<>();

  @Override
  public Integer call() {
    if (!SHARED.contains(command.get(0))) {
      throw new UsageFault(
          "launch shares train, calibrate, compare, evaluate or generate over processes, not "
              + command.get(0)
              + Nearest.question(command.get(0), SHARED));
    }
    if (threads != null && threads < 1) {
      throw new UsageFault("--threads must be at least 1, not " + threads);
    }
    if (port < 0 || port > 65535) {
      throw new UsageFault("--port must be from 0 to 65535, not " + port);
    }
    List<String> whole = new ArrayList<>(command);
    if (threads != null && whole.stream().noneMatch(w -> w.startsWith("--threads"))) {
      whole.addAll(List.of("--threads", "" + threads));
    }
    LaunchPlan plan = LaunchPlan.of(LaunchEnvironment.ofProcess(), processes, port);
    try (Ranks ranks = new Ranks(whole, plan)) {
      return ranks.await();
    }
  }
}
