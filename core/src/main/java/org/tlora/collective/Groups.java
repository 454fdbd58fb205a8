/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.tlora.engine.ProcessGroup;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;

/** Brings processes together. */
public final class Groups {
  private static final String FILE = "file ";
  private static final String PORT = "port ";
  private static final String STORE_FILE = "store";

  private Groups() {}

  /**
   * Joins this process to its group, and waits until all are there.
   *
   * @param onLost is told by another thread, once, where the group cannot go on; whoever waits in
   *     the group gets the same fault
   * @return a process by itself where the world has no other
   * @throws UsageFault where this system has no way to connect processes
   * @throws RunFault where the others do not come, or do not fit
   */
  public static Collective join(World world, GroupOptions options, Consumer<RunFault> onLost) {
    if (!world.isGroup()) {
      return new Alone();
    }
    if (!ProcessGroup.isSupported()) {
      throw new UsageFault(
          world.source()
              + " make this rank "
              + world.rank()
              + " of "
              + world.size()
              + ", but processes can be joined on Linux (x86-64) alone");
    }
    InetAddress chosen = chosen(options.address());
    return world.rank() == 0
        ? first(world, options, chosen, onLost)
        : member(world, options, chosen, onLost);
  }

  private static Collective first(
      World world, GroupOptions options, InetAddress chosen, Consumer<RunFault> onLost) {
    InetAddress host = resolved(world.host());
    boolean local = host.isLoopbackAddress();
    Path directory = local ? newDirectory() : null;
    try {
      ProcessGroup.Meeting meeting =
          local ? null : ProcessGroup.Meeting.open(options.joinTimeout());
      String where = local ? FILE + directory.resolve(STORE_FILE) : PORT + meeting.port();
      InetAddress door = local ? host : chosen == null ? anyAddress() : chosen;
      FirstWatch watch =
          FirstWatch.open(
              world,
              options,
              door,
              world.agent() ? 0 : world.port(),
              port -> announce(world, options, local ? host : chosen, port),
              where);
      watch.onVerdict(onLost);
      String own = (chosen == null ? watch.address() : chosen).getHostAddress();
      ProcessGroup group =
          local
              ? ProcessGroup.overFile(
                  directory.resolve(STORE_FILE), 0, world.size(), own, options.joinTimeout())
              : ProcessGroup.over(meeting, 0, world.size(), own, options.joinTimeout());
      Collective joined = new GlooGroup(world, group, watch);
      joined.barrier(); // nobody looks into the file any more
      return joined;
    } finally {
      delete(directory);
    }
  }

  private static Collective member(
      World world, GroupOptions options, InetAddress chosen, Consumer<RunFault> onLost) {
    InetSocketAddress first = whereFirst(world, options);
    MemberWatch watch = MemberWatch.join(world, options, first.getHostString(), first.getPort());
    watch.onVerdict(onLost);
    String own = (chosen == null ? watch.address() : chosen).getHostAddress();
    String meeting = watch.meeting();
    ProcessGroup group;
    if (meeting.startsWith(FILE)) {
      Path file = Path.of(meeting.substring(FILE.length()));
      group = ProcessGroup.overFile(file, world.rank(), world.size(), own, options.joinTimeout());
    } else {
      int port = Integer.parseInt(meeting.substring(PORT.length()));
      ProcessGroup.Meeting there =
          ProcessGroup.Meeting.at(first.getHostString(), port, options.joinTimeout());
      group = ProcessGroup.over(there, world.rank(), world.size(), own, options.joinTimeout());
    }
    Collective joined = new GlooGroup(world, group, watch);
    joined.barrier();
    return joined;
  }

  /** Where a launcher's agent has the port, rank 0 takes another and leaves word of it there. */
  private static void announce(World world, GroupOptions options, InetAddress chosen, int port) {
    if (world.agent()) {
      InetAddress own = chosen == null ? onTheWayTo(world.host(), world.port()) : chosen;
      ProcessGroup.Meeting.at(world.host(), world.port(), options.joinTimeout())
          .put(agentKey(), own.getHostAddress() + " " + port);
    }
  }

  private static InetSocketAddress whereFirst(World world, GroupOptions options) {
    if (!world.agent()) {
      return InetSocketAddress.createUnresolved(world.host(), world.port());
    }
    String[] told =
        ProcessGroup.Meeting.at(world.host(), world.port(), options.joinTimeout())
            .get(agentKey())
            .split(" ");
    return InetSocketAddress.createUnresolved(told[0], Integer.parseInt(told[1]));
  }

  /** Another for each start of the same run. */
  private static String agentKey() {
    return "tlora/"
        + System.getenv().getOrDefault("TORCHELASTIC_RUN_ID", "")
        + "/"
        + System.getenv().getOrDefault("TORCHELASTIC_RESTART_COUNT", "0");
  }

  private static InetAddress onTheWayTo(String host, int port) {
    try (DatagramSocket way = new DatagramSocket()) {
      way.connect(new InetSocketAddress(resolved(host), port)); // sends nothing
      return way.getLocalAddress();
    } catch (SocketException e) {
      throw new RunFault("there is no way to " + host + ": " + e.getMessage(), e);
    }
  }

  private static InetAddress anyAddress() {
    return new InetSocketAddress(0).getAddress();
  }

  private static InetAddress resolved(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new RunFault("MASTER_ADDR " + host + " is not known on this machine", e);
    }
  }

  /** The address that was asked for, by itself or by its interface; null: none was. */
  private static InetAddress chosen(String name) {
    if (name == null) {
      return null;
    }
    try {
      NetworkInterface named = NetworkInterface.getByName(name);
      if (named != null && named.getInetAddresses().hasMoreElements()) {
        return named
            .inetAddresses()
            .filter(a -> a.getAddress().length == 4)
            .findFirst()
            .orElse(named.getInetAddresses().nextElement());
      }
      InetAddress address = InetAddress.getByName(name);
      if (NetworkInterface.getByInetAddress(address) != null) {
        return address;
      }
    } catch (SocketException | UnknownHostException e) {
      // said below
    }
    throw new UsageFault(
        "`groupAddress` " + name + " is neither an interface nor an address of this machine");
  }

  private static Path newDirectory() {
    try {
      return Files.createTempDirectory("tlora-group"); // for its owner alone
    } catch (IOException e) {
      throw new RunFault(
          "no temporary directory can be made to join processes: " + e.getMessage(), e);
    }
  }

  private static void delete(Path directory) {
    if (directory == null) {
      return;
    }
    try {
      Files.deleteIfExists(directory.resolve(STORE_FILE));
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      // a few bytes in a directory for temporary files
    }
  }
}
