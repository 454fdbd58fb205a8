/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.tlora.fault.RunFault;

/** The first process's: the others come to it, and it decides who is lost. */
final class FirstWatch extends Watch {
  private static final int HELLO_MILLIS = 5000;

  private final Map<Integer, Member> members = new TreeMap<>();
  private final String meeting;
  private volatile InetAddress address;

  private FirstWatch(World world, GroupOptions options, String meeting) {
    super(world, options);
    this.meeting = meeting;
  }

  /**
   * Waits until all are there, and lets them begin.
   *
   * @param bind where others come in
   * @param port of them; 0 for one that is free
   * @param bound is told the port
   * @param meeting what the others are told of where to meet for transfers
   * @throws RunFault if the port is taken, or somebody does not come or does not fit
   */
  static FirstWatch open(
      World world,
      GroupOptions options,
      InetAddress bind,
      int port,
      java.util.function.IntConsumer bound,
      String meeting) {
    FirstWatch watch = new FirstWatch(world, options, meeting);
    watch.address = bind.isAnyLocalAddress() ? null : bind;
    try (ServerSocket door = new ServerSocket()) {
      door.bind(new InetSocketAddress(bind, port), world.size() + 16);
      bound.accept(door.getLocalPort());
      watch.welcome(door);
    } catch (IOException e) {
      throw new RunFault(
          "port "
              + port
              + " cannot be listened at, where the other processes would come to rank 0: "
              + e.getMessage()
              + "; another program may have it: set MASTER_PORT to one that is free",
          e);
    }
    watch.tellAll(GO + meeting);
    start("group-watch", watch::guard);
    return watch;
  }

  private void welcome(ServerSocket door) throws IOException {
    long end = System.nanoTime() + options.joinTimeout().toNanos();
    door.setSoTimeout(100);
    while (!areAllHere()) {
      requireNoVerdict();
      if (System.nanoTime() > end) {
        RunFault late =
            new RunFault(
                missing()
                    + " of "
                    + world.size()
                    + " did not come to "
                    + world.host()
                    + ":"
                    + world.port()
                    + " within "
                    + options.joinTimeout().toSeconds()
                    + " s (`joinTimeout`)");
        tellAll(END + Verdict.NOBODY + " " + late.getMessage());
        throw late;
      }
      try {
        Socket visitor = door.accept();
        start("group-member", () -> serve(visitor));
      } catch (SocketTimeoutException e) {
        // nobody has come; look again
      }
    }
    requireNoVerdict();
  }

  private void requireNoVerdict() {
    if (verdict() != null) {
      throw verdict().fault(world.rank());
    }
  }

  private synchronized boolean areAllHere() {
    return members.size() == world.size() - 1;
  }

  private synchronized String missing() {
    List<String> ranks = new ArrayList<>();
    for (int r = 1; r < world.size(); r++) {
      if (!members.containsKey(r)) {
        ranks.add("" + r);
      }
    }
    return (ranks.size() == 1 ? "rank " : "ranks ") + String.join(", ", ranks);
  }

  private synchronized List<Member> members() {
    return List.copyOf(members.values());
  }

  private void tellAll(String line) {
    members().forEach(m -> m.tell(line));
  }

  /** Hears one visitor out, who is a member once it has said the right words. */
  private void serve(Socket visitor) {
    Member member = null;
    try {
      Wire wire = new Wire(visitor);
      wire.patience(HELLO_MILLIS);
      member = admitted(wire, wire.read());
      if (member == null) {
        wire.close();
        return;
      }
      wire.patience(0);
      for (String line = member.read(); line != null; line = member.read()) {
        hear(member, line);
      }
      lost(member, KILLED);
      member.close();
    } catch (IOException | NumberFormatException e) {
      if (member != null) {
        lost(member, KILLED + " (" + e.getMessage() + ")");
      }
    }
  }

  /** Null for somebody who has nothing to do with this group. */
  private Member admitted(Wire wire, String hello) throws IOException {
    String[] words = hello == null ? new String[0] : hello.split(" ", 4);
    if (words.length != 4 || !words[0].equals(HELLO)) {
      return null;
    }
    int rank = Integer.parseInt(words[1]);
    int size = Integer.parseInt(words[2]);
    String problem = null;
    if (size != world.size()) {
      problem = "counts " + size + " processes where rank 0 counts " + world.size();
    } else if (rank < 1 || rank >= size) {
      problem = "calls itself so, of " + size + " processes";
    } else if (!words[3].equals(options.version())) {
      problem = "is version " + words[3] + ", rank 0 is " + options.version();
    }
    synchronized (this) {
      if (problem == null && members.containsKey(rank)) {
        problem = "is there twice";
      }
      if (problem == null) {
        Member member = new Member(rank, wire);
        members.put(rank, member);
        if (address == null) {
          address = wire.ownAddress(); // that the others see this machine at
        }
        return member;
      }
    }
    wire.write(REFUSED + "rank " + rank + " " + problem);
    condemn(new Verdict(rank, problem));
    return null;
  }

  private void hear(Member member, String line) {
    if (line.startsWith(BEAT)) {
      member.heard(Pulse.read(line.substring(BEAT.length())));
    } else if (line.startsWith(FAILED)) {
      condemn(new Verdict(member.rank, "has failed: " + line.substring(FAILED.length())));
      member.leaves();
    } else if (line.equals(BYE)) {
      member.leaves();
    }
  }

  private void lost(Member member, String how) {
    if (!member.isGone()) {
      member.leaves();
      condemn(new Verdict(member.rank, how));
    }
  }

  private void condemn(Verdict v) {
    if (decide(v)) {
      tellAll(END + v.rank() + " " + v.reason());
    }
  }

  /** Says that this process is there, and looks who else is. */
  private void guard() {
    long changed = System.nanoTime();
    Pulse before = pulse();
    while (!isLeaving()) {
      sleep();
      tellAll(BEAT + pulse().write());
      Pulse now = pulse();
      if (!now.equals(before)) {
        before = now;
        changed = System.nanoTime();
      }
      if (verdict() == null) {
        Verdict v = judged(now, System.nanoTime() - changed);
        if (v != null) {
          condemn(v);
        }
      }
    }
  }

  /** Who is lost, or null. */
  private Verdict judged(Pulse own, long ownStill) {
    long timeout = options.timeout().toNanos();
    String seconds = TimeUnit.NANOSECONDS.toSeconds(timeout) + " s (`groupTimeout`)";
    List<Member> here = members().stream().filter(m -> !m.isGone()).collect(Collectors.toList());
    long furthest = own.waiting() ? own.sequence() : 0;
    boolean all = own.waiting() && ownStill > timeout;
    for (Member m : here) {
      if (m.silent() > timeout) {
        return new Verdict(
            m.rank,
            "has not been heard of for "
                + seconds
                + ": its process hangs, or the network to it is cut");
      }
      Pulse p = m.pulse();
      furthest = p.waiting() ? Math.max(furthest, p.sequence()) : furthest;
      all &= p.waiting() && m.still() > timeout;
    }
    String idle = "has got nothing done for " + seconds + " while others wait for it";
    // who waits himself is held up by somebody else, or by the network
    for (Member m : here) {
      Pulse p = m.pulse();
      if (!p.waiting() && p.sequence() < furthest && m.still() > timeout) {
        return new Verdict(m.rank, idle);
      }
    }
    if (!own.waiting() && own.sequence() < furthest && ownStill > timeout) {
      return new Verdict(0, idle);
    }
    return all && !here.isEmpty()
        ? new Verdict(
            Verdict.NOBODY,
            "all processes have waited for each other for "
                + seconds
                + ": a connection between two of them is cut")
        : null;
  }

  @Override
  String meeting() {
    return meeting;
  }

  @Override
  InetAddress address() {
    return address;
  }

  @Override
  void tellFailure(String reason) {
    tellAll(END + "0 has failed: " + reason);
  }

  @Override
  void tellBye() {
    tellAll(BYE);
    members().forEach(Member::finish);
  }
}
