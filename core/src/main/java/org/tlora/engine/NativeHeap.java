/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How far glibc's heap grows for tensors that come and go: each takes the smallest hole that it
 * fits in, else new memory at the end, and what is freed joins with the holes beside it. Memory
 * that is freed stays resident until it is trimmed, as the launcher asks for.
 *
 * <p>Libtorch aligns to 64 bytes. For that glibc looks for a hole that is larger by the alignment
 * and a smallest piece. What is left over of these goes to small things, of which there are always
 * some hundred, and a hole beside such is not used again for a tensor of its own size. How many
 * there are is fitted to six runs ({@code benchmarks/planning.py}).
 */
final class NativeHeap {
  private static final long ALIGNMENT = 64;
  private static final long HEADER = 16;
  private static final long LOST = 96;
  private static final int SMALL_THINGS = 400;

  private record Hole(long size, long address) implements Comparable<Hole> {
    @Override
    public int compareTo(Hole other) {
      int bySize = Long.compare(size, other.size);
      return bySize != 0 ? bySize : Long.compare(address, other.address);
    }
  }

  private final TreeSet<Hole> bySize = new TreeSet<>();
  private final TreeMap<Long, Long> holes = new TreeMap<>(); // sizes by address
  private final Map<Long, Long> taken = new HashMap<>(); // sizes by address
  private final Deque<Long> left = new ArrayDeque<>(); // addresses of what tensors have left over
  private long end; // behind all that is taken
  private long top; // behind all that was, since it was trimmed
  private long free; // in holes
  private long given; // of that, back to the system

  /** Takes memory for a tensor; returns its address. */
  long take(long bytes) {
    long size = (bytes + HEADER + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    long whole = size + LOST;
    Hole hole = bySize.ceiling(new Hole(whole, 0));
    long address;
    if (hole == null) {
      address = end;
      end += whole;
      top = Math.max(top, end);
    } else {
      address = hole.address();
      given -= Math.round((double) whole * given / free);
      remove(hole);
      if (hole.size() > whole) {
        add(address + whole, hole.size() - whole);
      }
    }
    taken.put(address + LOST, size);
    return address + LOST;
  }

  /** Frees what {@link #take} gave. */
  void giveBack(long address) {
    free(address, taken.remove(address));
    left.add(address - LOST);
    if (left.size() > SMALL_THINGS) {
      free(left.remove(), LOST);
    }
  }

  /**
   * What is left over between tensors that are gone is free too: nothing small is there any more.
   */
  void settle() {
    left.forEach(address -> free(address, LOST));
    left.clear();
  }

  private void free(long begin, long bytes) {
    long address = begin;
    long size = bytes;
    Map.Entry<Long, Long> before = holes.lowerEntry(address);
    if (before != null && before.getKey() + before.getValue() == address) {
      remove(new Hole(before.getValue(), before.getKey()));
      address = before.getKey();
      size += before.getValue();
    }
    Long behind = holes.get(address + size);
    if (behind != null) {
      remove(new Hole(behind, address + size));
      size += behind;
    }
    if (address + size == end && given == 0) {
      end = address; // what lies there is taken again where no hole is large enough
    } else {
      add(address, size);
    }
  }

  /** What is free goes back to the system. */
  void trim() {
    top = end;
    given = free;
  }

  private void add(long address, long size) {
    holes.put(address, size);
    bySize.add(new Hole(size, address));
    free += size;
  }

  private void remove(Hole hole) {
    holes.remove(hole.address());
    bySize.remove(hole);
    free -= hole.size();
  }

  /** Bytes that the process has of the system. */
  long resident() {
    return top - given;
  }
}
