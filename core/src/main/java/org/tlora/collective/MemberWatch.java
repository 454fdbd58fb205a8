/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import org.tlora.fault.RunFault;

/** Any other process's: it goes to the first one. */
final class MemberWatch extends Watch {
  private static final int CONNECT_MILLIS = 5000;
  private static final long RETRY_MILLIS = 200;

  private final Wire wire;
  private String meeting;
  private volatile long heard = System.nanoTime();
  private volatile boolean firstLeft; // well

  private MemberWatch(World world, GroupOptions options, Wire wire) {
    super(world, options);
    this.wire = wire;
  }

  /**
   * Comes to the first process, and waits until all are there.
   *
   * @throws RunFault if it is not to be found, is somebody else, or does not let this one in
   */
  static MemberWatch join(World world, GroupOptions options, String host, int port) {
    long end = System.nanoTime() + options.joinTimeout().toNanos();
    Wire wire = connected(world, options, host, port, end);
    MemberWatch watch = new MemberWatch(world, options, wire);
    try {
      watch.awaitStart(host + ":" + port, end);
    } catch (RuntimeException e) {
      wire.close();
      throw e;
    }
    start("group-watch", watch::listen);
    start("group-beat", watch::beat);
    return watch;
  }

  /** The first process may start later than this one, and its name be known later still. */
  private static Wire connected(
      World world, GroupOptions options, String host, int port, long end) {
    while (true) {
      Socket socket = new Socket();
      try {
        InetSocketAddress first = new InetSocketAddress(host, port);
        if (first.isUnresolved()) {
          throw new UnknownHostException("the name is not known");
        }
        socket.connect(first, CONNECT_MILLIS);
        return new Wire(socket);
      } catch (IOException e) {
        closeQuietly(socket);
        boolean mayCome =
            e instanceof ConnectException
                || e instanceof SocketTimeoutException
                || e instanceof NoRouteToHostException
                || e instanceof UnknownHostException;
        if (!mayCome || System.nanoTime() > end) {
          throw new RunFault(
              "rank 0 is not to be found at "
                  + host
                  + ":"
                  + port
                  + " (MASTER_ADDR, MASTER_PORT), says rank "
                  + world.rank()
                  + (mayCome ? " after " + options.joinTimeout().toSeconds() + " s" : "")
                  + ": "
                  + e.getMessage(),
              e);
        }
        pause();
      }
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // it was never open
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFault("interrupted while joining the group", e);
    }
  }

  private void awaitStart(String where, long end) {
    String stranger =
        "what answers at " + where + " (MASTER_ADDR, MASTER_PORT) is not rank 0 of this group";
    try {
      wire.write(HELLO + " " + world.rank() + " " + world.size() + " " + options.version());
      long left = Math.max(1, (end - System.nanoTime()) / 1_000_000) + 2000; // rank 0 says why
      wire.patience(Math.toIntExact(Math.min(Integer.MAX_VALUE, left)));
      String answer = wire.read();
      if (answer == null) {
        throw new RunFault(stranger + " or has ended");
      }
      if (answer.startsWith(REFUSED)) {
        throw new RunFault(answer.substring(REFUSED.length()));
      }
      if (answer.startsWith(END)) {
        throw verdictOf(answer).fault(world.rank());
      }
      if (!answer.startsWith(GO)) {
        throw new RunFault(stranger);
      }
      meeting = answer.substring(GO.length());
      wire.patience(0);
    } catch (SocketTimeoutException e) {
      throw new RunFault(
          stranger + ", or waits for others: nothing was heard of it for too long", e);
    } catch (IOException e) {
      throw new RunFault(stranger + ": " + e.getMessage(), e);
    }
  }

  private static Verdict verdictOf(String line) {
    String[] words = line.substring(END.length()).split(" ", 2);
    return new Verdict(Integer.parseInt(words[0]), words.length < 2 ? "has ended" : words[1]);
  }

  private void listen() {
    try {
      for (String line = wire.read(); line != null; line = wire.read()) {
        heard = System.nanoTime();
        if (line.startsWith(END)) {
          decide(verdictOf(line));
        }
        firstLeft |= line.equals(BYE);
      }
      wire.close();
      if (!firstLeft) {
        decide(new Verdict(0, KILLED));
      }
    } catch (IOException | NumberFormatException e) {
      decide(new Verdict(0, KILLED + " (" + e.getMessage() + ")"));
    }
  }

  private void beat() {
    // rank 0 gives others up first, and says whom
    long patience = options.timeout().toNanos() + 2 * interval() * 1_000_000;
    while (!isLeaving() && !firstLeft && verdict() == null) {
      sleep();
      try {
        wire.write(BEAT + pulse().write());
      } catch (IOException e) {
        return; // whoever reads learns why
      }
      if (!firstLeft && System.nanoTime() - heard > patience) {
        decide(
            new Verdict(
                0,
                "has not been heard of for "
                    + options.timeout().toSeconds()
                    + " s (`groupTimeout`): its process hangs, or the network to it is cut"));
      }
    }
  }

  @Override
  String meeting() {
    return meeting;
  }

  @Override
  InetAddress address() {
    return wire.ownAddress();
  }

  @Override
  void tellFailure(String reason) {
    tell(FAILED + reason);
  }

  @Override
  void tellBye() {
    tell(BYE);
    wire.finish();
  }

  private void tell(String line) {
    try {
      wire.write(line);
    } catch (IOException e) {
      // rank 0 is gone, and knows nothing any more
    }
  }
}
