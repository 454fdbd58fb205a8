/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.time.Duration;
import java.util.List;
import org.tlora.card.LibraryVersion;
import org.tlora.cli.terminal.Group;
import org.tlora.cli.terminal.Notes;
import org.tlora.collective.GroupOptions;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.collective.World;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/**
 * How processes that share a command deal with each other. Whether there are others, and where, is
 * for whoever starts them to say, in the environment.
 */
public final class ProcessOptions {
  @Option(
      names = "--group-timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "Of several processes (torchrun, tlora launch, Slurm, Kubernetes): one that is not heard"
              + " of, or that others wait for in vain, for so long is given up, and all end"
              + " (default: ${DEFAULT-VALUE}).")
  private long groupTimeout;

  @Option(
      names = "--join-timeout",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description = "How long the first process waits for the last (default: ${DEFAULT-VALUE}).")
  private long joinTimeout;

  @Option(
      names = "--group-address",
      paramLabel = "NAME",
      description =
          "An interface or an address of this machine that the other processes reach it at"
              + " (default: that of the way to the first).")
  private String groupAddress;

  /** A program that knows what its launcher has left for it. */
  public interface Launched {
    /** Where this process's place among others is said. */
    LaunchEnvironment environment();

    /** Whether the process is the program's own, and ends with it. */
    boolean ownsProcess();

    /**
     * Runs another command line of the program, told to the same streams.
     *
     * @return the exit status
     */
    int again(List<String> arguments);
  }

  /** Whether this is the first of its group, or by itself. */
  public boolean isFirst(CommandSpec command) {
    Launched program = (Launched) command.root().userObject();
    return World.of(program.environment()).rank() == 0;
  }

  private static void sayIdle(CommandSpec command) {
    for (String name : List.of("--group-timeout", "--join-timeout", "--group-address")) {
      OptionSpec option = command.findOption(name);
      String usual = option.defaultValue();
      if (option.getValue() != null && !option.getValue().toString().equals(usual)) {
        Notes.say(command.commandLine(), name + " does nothing: no other process shares the run");
      }
    }
  }

  /**
   * Runs something in the group that this process belongs to, or by itself.
   *
   * @param command that is run, of a {@link Launched} program
   * @return its exit status
   */
  public int inGroup(CommandSpec command, Group.Body body) {
    Launched program = (Launched) command.root().userObject();
    World world = World.of(program.environment());
    if (groupTimeout < 1 || joinTimeout < 1) {
      throw new UsageFault("--group-timeout and --join-timeout must be at least 1 second");
    }
    if (!world.isGroup()) {
      sayIdle(command);
    }
    GroupOptions options =
        new GroupOptions(
            Duration.ofSeconds(groupTimeout),
            Duration.ofSeconds(joinTimeout),
            groupAddress,
            LibraryVersion.text());
    return Group.run(world, options, program.ownsProcess(), body);
  }
}
