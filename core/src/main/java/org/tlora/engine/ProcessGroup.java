/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.nio.file.Path;
import java.time.Duration;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.AllgatherOptions;
import org.bytedeco.pytorch.AllreduceOptions;
import org.bytedeco.pytorch.BroadcastOptions;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch_gloo;
import org.bytedeco.pytorch.gloo.Device;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;

/**
 * Processes that libtorch's Gloo connects, each with each. All of them start the same transfers in
 * the same order. Linux only: the binding has no Gloo elsewhere.
 *
 * <p>Making one blocks until all are there. libtorch then writes a line about its connections to
 * the process's standard output.
 */
public final class ProcessGroup implements AutoCloseable {
  /** A transfer waits for whoever is slow; whether somebody is lost is for others to find out. */
  static final Duration TRANSFER = Duration.ofDays(7);

  private final ProcessGroupGloo gloo;
  private final Milliseconds patience = new Milliseconds(TRANSFER.toMillis());

  private ProcessGroup(Store store, int rank, int size, String address, Duration patience) {
    try (Milliseconds joining = new Milliseconds(patience.toMillis())) {
      ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(joining);
      options.devices().push_back(device(address));
      options.threads(2);
      gloo = new ProcessGroupGloo(store, rank, size, options);
    }
  }

  private static Device device(String address) {
    try {
      return ProcessGroupGloo.createDeviceForHostname(address);
    } catch (RuntimeException e) {
      throw new RunFault(
          "no connections to other processes can be made at " + address + ": " + firstLine(e), e);
    }
  }

  /**
   * A group of processes that see the same file.
   *
   * @param file that is not there yet; whoever makes the group deletes it once all have joined
   * @param address of this process that the others reach it at
   * @param patience how long the others may take to come
   */
  public static ProcessGroup overFile(
      Path file, int rank, int size, String address, Duration patience) {
    loadGloo();
    try {
      return new ProcessGroup(new FileStore(file.toString(), size), rank, size, address, patience);
    } catch (RuntimeException e) {
      throw explained(e);
    }
  }

  /**
   * A group of processes that find each other through {@link Meeting}.
   *
   * @param address of this process that the others reach it at
   * @param patience how long the others may take to come
   */
  public static ProcessGroup over(
      Meeting meeting, int rank, int size, String address, Duration patience) {
    try {
      return new ProcessGroup(meeting.store, rank, size, address, patience);
    } catch (RuntimeException e) {
      throw explained(e);
    }
  }

  /** A store of keys and values in one of the processes, which the others connect to. */
  public static final class Meeting {
    private final TCPStore store;

    private Meeting(TCPStore store) {
      this.store = store;
    }

    /** Opens one in this process, at a port that is free. */
    public static Meeting open(Duration patience) {
      return new Meeting(store("localhost", 0, true, patience));
    }

    /** Connects to another process's. */
    public static Meeting at(String host, int port, Duration patience) {
      return new Meeting(store(host, port, false, patience));
    }

    private static TCPStore store(String host, int port, boolean server, Duration patience) {
      loadGloo();
      TCPStoreOptions options = new TCPStoreOptions();
      options.port((short) port).isServer(server).waitWorkers(false);
      options.timeout(new Milliseconds(patience.toMillis()));
      try {
        return new TCPStore(host, options);
      } catch (RuntimeException e) {
        throw explained(e);
      }
    }

    /** The port that others connect to. */
    public int port() {
      return Short.toUnsignedInt(store.getPort());
    }

    /** Leaves a text for others under a name. */
    public void put(String name, String value) {
      store.set(name, value);
    }

    /** A text that another process leaves under a name, once it is there. */
    public String get(String name) {
      try {
        return store.get_to_str(name);
      } catch (RuntimeException e) {
        throw explained(e);
      }
    }
  }

  private static void loadGloo() {
    if (!isSupported()) {
      throw new UsageFault(
          "processes can be joined on Linux (x86-64) alone: libtorch's binding has no Gloo"
              + " elsewhere; start a single process");
    }
    Engine.load();
    Loader.load(torch_gloo.class);
  }

  /** Whether this system's libraries can join processes. */
  public static boolean isSupported() {
    String arch = System.getProperty("os.arch");
    return System.getProperty("os.name").startsWith("Linux")
        && (arch.equals("amd64") || arch.equals("x86_64"));
  }

  private static RuntimeException explained(RuntimeException e) {
    if (e instanceof RunFault || e instanceof UsageFault) {
      return e;
    }
    return new RunFault("the processes cannot be joined: " + firstLine(e), e);
  }

  /** What an exception out of a native library says, without its stack. */
  static String firstLine(RuntimeException e) {
    String text = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return text.replaceFirst("^\\[?[^ ]*\\.(?:cc|cpp|h):\\d+\\]? ", "");
  }

  /** Sums a tensor over all processes, in place; it must stay open until the transfer is done. */
  public Transfer sum(Tensor tensor) {
    AllreduceOptions options = new AllreduceOptions();
    options.timeout(patience);
    TensorVector all = new TensorVector(tensor.p);
    return new Transfer(gloo.allreduce(all, options), all, options);
  }

  /** Brings one process's tensor into those of all others, which have its shape and type. */
  public Transfer broadcast(Tensor tensor, int from) {
    BroadcastOptions options = new BroadcastOptions();
    options.rootRank(from).timeout(patience);
    TensorVector all = new TensorVector(tensor.p);
    return new Transfer(gloo.broadcast(all, options), all, options);
  }

  /**
   * Brings all processes' parts together.
   *
   * @param own [n]
   * @param all [processes · n], of the same type
   */
  public Transfer gather(Tensor own, Tensor all) {
    AllgatherOptions options = new AllgatherOptions();
    options.timeout(patience);
    return new Transfer(gloo._allgather_base(all.p, own.p, options), options);
  }

  /** Sends a tensor to one process, which receives one of this shape and type. */
  public Transfer send(Tensor tensor, int to, int tag) {
    TensorVector all = new TensorVector(tensor.p);
    return new Transfer(gloo.send(all, to, tag), all);
  }

  /** Receives what one process sends into a tensor. */
  public Transfer receive(Tensor tensor, int from, int tag) {
    TensorVector all = new TensorVector(tensor.p);
    return new Transfer(gloo.recv(all, from, tag), all);
  }

  /** Closes the connections. Transfers that are still under way must not be left behind. */
  @Override
  public void close() {
    gloo.deallocate();
    patience.deallocate();
    // the store is never freed: a file's would look for the file once more, which may be gone
  }
}
