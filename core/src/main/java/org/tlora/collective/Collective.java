/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.util.List;
import org.tlora.engine.Tensor;

/**
 * A group of processes, each of which calls the same methods in the same order. What one of them
 * waits for, the others do.
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

  /** Whether any process says yes. */
  default boolean any(boolean own) {
    return sum(own ? 1 : 0)[0] > 0;
  }

  /** What the first process says. */
  default boolean first(boolean own) {
    return sum(own && rank() == 0 ? 1 : 0)[0] > 0;
  }
}
