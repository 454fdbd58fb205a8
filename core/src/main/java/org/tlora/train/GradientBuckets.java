/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.tlora.autograd.Parameter;

/**
 * How gradients travel: some parameters' together, end to end, those of the last layers first,
 * since the way back comes to them first.
 */
final class GradientBuckets {
  /** Smaller ones wait for the network more than they use it. */
  private static final long ELEMENTS = 2L << 20;

  /**
   * Parameters that travel together.
   *
   * @param offsets of each one's first element
   * @param size of all, up to a multiple of the number of processes
   */
  record Bucket(List<Parameter> parameters, List<Long> offsets, long size) {
    /** Elements of a process's slice. */
    long slice(int processes) {
      return size / processes;
    }
  }

  private final List<Bucket> buckets = new ArrayList<>();
  private final int processes;
  private final long enough;
  private final int early;

  /**
   * Divides parameters up.
   *
   * @param last those whose gradients may grow until the end of the way back
   */
  GradientBuckets(List<Parameter> parameters, Set<Parameter> last, int processes) {
    this(parameters, last, processes, ELEMENTS);
  }

  /**
   * The same.
   *
   * @param enough so many elements travel, however many parameters they are of
   */
  GradientBuckets(List<Parameter> parameters, Set<Parameter> last, int processes, long enough) {
    this.processes = processes;
    this.enough = enough;
    List<Parameter> open = new ArrayList<>();
    for (int i = parameters.size() - 1; i >= 0; i--) {
      if (!last.contains(parameters.get(i))) {
        open = added(open, parameters.get(i));
      }
    }
    close(open);
    early = buckets.size();
    List<Parameter> end = new ArrayList<>();
    for (Parameter p : parameters) {
      if (last.contains(p)) {
        end = added(end, p);
      }
    }
    close(end);
  }

  private List<Parameter> added(List<Parameter> open, Parameter p) {
    open.add(p);
    if (elements(open) >= enough) {
      close(open);
      return new ArrayList<>();
    }
    return open;
  }

  private static long elements(List<Parameter> some) {
    return some.stream().mapToLong(p -> p.value().size()).sum();
  }

  private void close(List<Parameter> some) {
    if (some.isEmpty()) {
      return;
    }
    List<Long> offsets = new ArrayList<>();
    long size = 0;
    for (Parameter p : some) {
      offsets.add(size);
      size += p.value().size();
    }
    long whole = (size + processes - 1) / processes * processes;
    buckets.add(new Bucket(List.copyOf(some), List.copyOf(offsets), whole));
  }

  /** How many of the first buckets have no parameter whose gradient may grow until the end. */
  int early() {
    return early;
  }

  List<Bucket> all() {
    return buckets;
  }
}
