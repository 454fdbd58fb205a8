/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.tlora.engine.ProcessGroup;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.Transfer;

/**
 * Sums of which each process gets a slice alone. Gloo's own reduce-scatter is an all-reduce and a
 * slice, which sends twice as much. Round a ring each slice passes every process once, which adds
 * its own, and ends where it belongs.
 *
 * <p>One after the other on a thread of its own, so that the caller can go on.
 */
final class SliceRing implements AutoCloseable {
  private final ProcessGroup group;
  private final int rank;
  private final int size;
  private final ExecutorService thread;

  SliceRing(ProcessGroup group, World world) {
    this.group = group;
    this.rank = world.rank();
    this.size = world.size();
    thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread t = new Thread(task, "group-slices");
              t.setDaemon(true);
              return t;
            });
  }

  /** Begins to sum a tensor, [processes · n]. */
  Future<?> begin(Tensor tensor) {
    return thread.submit(() -> sum(tensor));
  }

  private void sum(Tensor tensor) {
    long n = tensor.size() / size;
    int next = (rank + 1) % size;
    int last = (rank + size - 1) % size;
    try (Scope scope = new Scope()) {
      Tensor arriving = tensor.newEmpty(tensor.dtype(), n);
      for (int step = 0; step < size - 1; step++) {
        Transfer out = group.send(slice(tensor, rank - step - 1, n), next, step);
        finish(group.receive(arriving, last, step));
        finish(out);
        slice(tensor, rank - step - 2, n).addInPlace(arriving);
      }
    }
  }

  /**
   * Waits for whoever is slow. Where the group fails meanwhile, this thread is left waiting to the
   * end of the process, as other transfers are.
   */
  private static void finish(Transfer transfer) {
    transfer.await();
    transfer.close();
  }

  private Tensor slice(Tensor tensor, int r, long n) {
    return tensor.narrow(0, Math.floorMod(r, size) * n, n);
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
