/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.ProcessGroup;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.Transfer;
import org.tlora.fault.RunFault;

/**
 * Processes that libtorch's Gloo connects, under a {@link Watch} that knows who is still there.
 * Sums go round a ring in a fixed order, so that all processes get the same bits, and the same
 * group the same again.
 */
final class GlooGroup implements Collective {
  /** How often a process that waits looks whether somebody is lost. */
  private static final Duration LOOK = Duration.ofMillis(100);

  /** So long a broken transfer may be known before it is known who is lost. */
  private static final long NAME_MILLIS = 10_000;

  /** Small tensors travel together, up to about so many bytes. */
  private static final long TOGETHER_BYTES = 32L << 20;

  private final World world;
  private final ProcessGroup group;
  private final Watch watch;
  private final SliceRing ring;

  GlooGroup(World world, ProcessGroup group, Watch watch) {
    this.world = world;
    this.group = group;
    this.watch = watch;
    ring = new SliceRing(group, world);
  }

  @Override
  public int rank() {
    return world.rank();
  }

  @Override
  public int size() {
    return world.size();
  }

  @Override
  public void works() {
    watch.works();
  }

  @Override
  public Busy busy() {
    AtomicBoolean done = new AtomicBoolean();
    Watch.start(
        "group-busy",
        () -> {
          while (!done.get()) {
            watch.works();
            watch.sleep();
          }
        });
    return () -> done.set(true);
  }

  @Override
  public void fail(String reason) {
    watch.fail(reason);
  }

  /** Waits for a transfer; this process counts as one that waits meanwhile. */
  private void finish(Transfer transfer) {
    watch.waits();
    try {
      while (!transfer.await(LOOK)) {
        requireAll();
      }
      transfer.close();
    } catch (Transfer.Lost e) {
      throw named(e);
    } finally {
      watch.goesOn();
    }
  }

  private void requireAll() {
    if (watch.verdict() != null) {
      throw watch.verdict().fault(rank());
    }
  }

  /** Who is lost is known a little later than that the connection to him broke. */
  private RunFault named(Transfer.Lost broken) {
    long end = System.nanoTime() + NAME_MILLIS * 1_000_000;
    while (watch.verdict() == null && System.nanoTime() < end) {
      watch.sleep();
    }
    return watch.verdict() == null
        ? new RunFault("the connection to another process broke: " + broken.getMessage(), broken)
        : watch.verdict().fault(rank());
  }

  @Override
  public double[] sum(double... values) {
    try (Tensor all = Tensor.ofDoubles(Device.CPU, values, values.length)) {
      finish(group.sum(all));
      return all.toDoubles();
    }
  }

  @Override
  public void sum(List<Tensor> tensors) {
    for (List<Tensor> some : together(tensors)) {
      try (Scope scope = new Scope()) {
        Tensor flat = flat(some);
        for (Tensor piece : pieces(flat)) {
          finish(group.sum(piece));
        }
        spread(flat, some);
      }
    }
  }

  @Override
  public void broadcast(List<Tensor> tensors, int from) {
    for (List<Tensor> some : together(tensors)) {
      try (Scope scope = new Scope()) {
        Tensor flat = flat(some);
        for (Tensor piece : pieces(flat)) {
          finish(group.broadcast(piece, from));
        }
        if (rank() != from) {
          spread(flat, some);
        }
      }
    }
  }

  /** Tensors of one type and about {@link #TOGETHER_BYTES}, in an order that all have. */
  private static List<List<Tensor>> together(List<Tensor> tensors) {
    List<List<Tensor>> all = new ArrayList<>();
    Map<DType, List<Tensor>> open = new LinkedHashMap<>();
    Map<DType, Long> bytes = new LinkedHashMap<>();
    for (Tensor t : tensors) {
      long size = t.size() * t.dtype().bytes();
      if (size == 0) {
        continue;
      }
      long before = bytes.getOrDefault(t.dtype(), Long.MAX_VALUE);
      if (before > TOGETHER_BYTES - Math.min(size, TOGETHER_BYTES)) {
        List<Tensor> next = new ArrayList<>();
        all.add(next);
        open.put(t.dtype(), next);
        before = 0;
      }
      open.get(t.dtype()).add(t);
      bytes.put(t.dtype(), before + size);
    }
    return all;
  }

  /** A large tensor in pieces, each of which shows that something gets done. */
  private static List<Tensor> pieces(Tensor flat) {
    long most = TOGETHER_BYTES / flat.dtype().bytes();
    if (flat.size() <= most) {
      return List.of(flat);
    }
    List<Tensor> all = new ArrayList<>();
    for (long i = 0; i < flat.size(); i += most) {
      all.add(flat.narrow(0, i, Math.min(most, flat.size() - i)));
    }
    return all;
  }

  private static Tensor flat(List<Tensor> some) {
    return some.size() == 1 && some.get(0).isContiguous() && some.get(0).device().isCpu()
        ? some.get(0).alias().view(-1)
        : Tensor.cat(some.stream().map(t -> t.to(Device.CPU).reshape(-1)).toList(), 0);
  }

  private static void spread(Tensor flat, List<Tensor> some) {
    if (some.size() == 1 && some.get(0).isContiguous() && some.get(0).device().isCpu()) {
      return; // it was its own
    }
    long offset = 0;
    for (Tensor t : some) {
      t.copyFrom(flat.narrow(0, offset, t.size()).view(t.shape()));
      offset += t.size();
    }
  }

  @Override
  public Pending beginSum(Tensor tensor) {
    requireAll();
    Transfer transfer = group.sum(tensor);
    return new Pending() {
      @Override
      public void await() {
        finish(transfer);
      }

      @Override
      public boolean isDone() {
        return transfer.isDone();
      }
    };
  }

  @Override
  public Pending beginSumOfSlices(Tensor tensor) {
    requireAll();
    Future<?> summed = ring.begin(tensor);
    return new Pending() {
      @Override
      public void await() {
        finish(summed);
      }

      @Override
      public boolean isDone() {
        return summed.isDone();
      }
    };
  }

  /** Waits for what another thread of this process does with the others. */
  private void finish(Future<?> work) {
    watch.waits();
    try {
      boolean done = false;
      while (!done) {
        try {
          work.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
          done = true;
        } catch (TimeoutException e) {
          requireAll();
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Transfer.Lost lost
          ? named(lost)
          : new RunFault("a sum over processes failed: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFault("interrupted while waiting for other processes", e);
    } finally {
      watch.goesOn();
    }
  }

  @Override
  public void gatherSlices(Tensor tensor) {
    long n = tensor.size() / size();
    try (Scope scope = new Scope()) {
      Tensor own = tensor.narrow(0, rank() * n, n).copy();
      finish(group.gather(own, tensor));
    }
  }

  @Override
  public List<byte[]> gather(byte[] own) {
    double[] lengths = new double[size()];
    lengths[rank()] = own.length;
    lengths = sum(lengths);
    int most = 1;
    for (double length : lengths) {
      most = Math.max(most, (int) length);
    }
    try (Scope scope = new Scope()) {
      Tensor mine = Tensor.zeros(Device.CPU, DType.UINT8, most);
      mine.bytes().put(own);
      Tensor all = Tensor.empty(Device.CPU, DType.UINT8, (long) most * size());
      finish(group.gather(mine, all));
      List<byte[]> parts = new ArrayList<>();
      for (int r = 0; r < size(); r++) {
        byte[] part = new byte[(int) lengths[r]];
        all.narrow(0, (long) r * most, most).bytes().get(part);
        parts.add(part);
      }
      return parts;
    }
  }

  @Override
  public byte[] broadcast(byte[] own, int from) {
    int length = (int) sum(rank() == from ? own.length : 0)[0];
    try (Scope scope = new Scope()) {
      Tensor bytes = Tensor.empty(Device.CPU, DType.UINT8, Math.max(1, length));
      if (rank() == from) {
        bytes.bytes().put(own);
      }
      finish(group.broadcast(bytes, from));
      byte[] told = new byte[length];
      bytes.bytes().get(told);
      return told;
    }
  }

  @Override
  public void barrier() {
    sum(0);
  }

  /**
   * Leaves the group. Where it has failed, transfers may still hang, and closing their connections
   * would wait for them: they are left to the end of the process then.
   */
  @Override
  public void close() {
    watch.close();
    ring.close();
    if (watch.verdict() == null) {
      group.close();
    }
  }
}
