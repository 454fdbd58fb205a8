/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.cli.watch.WatchServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlora watch}. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Serve a page of runs that go on or have ended, one over the other, until Ctrl-C. Nothing"
            + " is written. The address is the first line on standard output.")
public final class WatchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "DIR",
      description = "Outputs of runs, or directories in which outputs are.")
  private List<Path> directories = new ArrayList<>();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "What to listen on; whoever reaches another address than this machine's own sees the runs"
              + " (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8081",
      description = "0: any that is free (default: ${DEFAULT-VALUE}).")
  private int port;

  @Override
  public Integer call() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    try (StopRequest stop = new StopRequest();
        Progress progress = new Progress(spec);
        WatchServer server = new WatchServer(directories, host, port, progress)) {
      stop.endsWith(0); // it is how one ends this
      System.out.println(server.address());
      System.out.flush();
      stop.passTo(stopped::countDown);
      stopped.await();
    }
    return 0;
  }
}
