/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.util.List;
import org.tlora.engine.Tensor;

/**
 * A group of processes, each of which calls the same methods in the same order. What one of them
 * waits for, the others do.
 *
 * <p>Whatever waits throws a {@link org.tlora.fault.RunFault} that names a process which is lost;
 * the group is of no more use then.
 */
public interface Collective extends AutoCloseable {
  /** This process's number, from 0. */
  int rank();

  /** How many processes there are. */
  int size();

  /** Sums, element by element, over all processes; the same bits in each. */
  double[] sum(double... values);

  /**
   * Sums tensors over all processes, in place; the same bits in each.
   *
   * @param tensors of the same shapes and types in each process
   */
  void sum(List<Tensor> tensors);

  /** What each process gives, in the order of their ranks. */
  List<byte[]> gather(byte[] own);

  /** What the process of rank {@code from} gives; the others' argument is not looked at. */
  byte[] broadcast(byte[] own, int from);

  /** Waits for all. */
  void barrier();

  /** Leaves the group. */
  @Override
  void close();

  /** Whether there are others. */
  default boolean isGroup() {
    return size() > 1;
  }

  /** Whether this process writes and reports for all. */
  default boolean isFirst() {
    return rank() == 0;
  }

  /** Whether any process says yes. */
  default boolean any(boolean own) {
    return sum(own ? 1 : 0)[0] > 0;
  }

  /** What the first process says. */
  default boolean first(boolean own) {
    return sum(own && rank() == 0 ? 1 : 0)[0] > 0;
  }

  /**
   * Brings one process's tensors into those of all others, in place.
   *
   * @param tensors of the same shapes and types in each process
   */
  default void broadcast(List<Tensor> tensors, int from) {
    if (rank() != from) {
      tensors.forEach(t -> t.fillInPlace(0));
    }
    sum(tensors);
  }

  /**
   * Begins to sum a tensor over all processes, in place, while the caller goes on with something
   * else. Every process begins the same sums in the same order.
   *
   * @param tensor stays open and is left alone until the result is waited for
   */
  default Pending beginSum(Tensor tensor) {
    return () -> sum(List.of(tensor));
  }

  /**
   * Begins to sum a tensor over all processes of which each gets its own slice alone; what the
   * others' slices hold afterwards is not said.
   *
   * @param tensor [processes · n]; slice r is the r-th n elements
   */
  default Pending beginSumOfSlices(Tensor tensor) {
    return beginSum(tensor);
  }

  /**
   * Brings each process's own slice into all others, in place.
   *
   * @param tensor [processes · n]; slice r is the r-th n elements
   */
  default void gatherSlices(Tensor tensor) {
    long n = tensor.size() / size();
    for (int r = 0; r < size(); r++) {
      if (r != rank()) {
        try (Tensor other = tensor.narrow(0, r * n, n)) {
          other.fillInPlace(0);
        }
      }
    }
    sum(List.of(tensor));
  }

  /**
   * Says that this process is at work, where it lets the others wait for long. A process that does
   * not for some time while others wait counts as one that hangs.
   */
  default void works() {}

  /**
   * Says so until it is closed, for what takes long in one piece: reading a model, writing a
   * checkpoint.
   */
  default Busy busy() {
    return () -> {};
  }

  /** Something that takes long in one piece. */
  @FunctionalInterface
  interface Busy extends AutoCloseable {
    /** It is done. */
    @Override
    void close();
  }

  /**
   * Tells the others that this process fails, so that they end and say why. Does nothing where the
   * group has failed already.
   *
   * @param reason one line
   */
  default void fail(String reason) {}

  /** Something that goes on between the processes. */
  @FunctionalInterface
  interface Pending {
    /** Waits for its end; once. */
    void await();

    /** Whether {@link #await} would not wait. */
    default boolean isDone() {
      return false;
    }
  }
}
