/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What work takes, counted while it is done: bytes of tensors while they are there, and what is
 * computed. On {@link Device#META} nothing is computed and nothing held, so that it says what the
 * same work would take; there, work that looks at a value sees ones.
 *
 * <p>Counted are tensors that are made in scopes inside of {@link #count}, by its thread. What a
 * kernel takes for itself while it runs is not seen. Not safe for threads.
 */
public final class Footprint {
  /** What tensors are for. */
  public enum Part {
    /** The model's weights. */
    WEIGHTS,
    /** What trains beside them. */
    ADAPTERS,
    /** What an optimizer keeps. */
    OPTIMIZER,
    /** Gradients of what trains. */
    GRADIENTS,
    /** What a calibration gathers. */
    STATISTICS,
    /** Scores of the vocabulary and their gradients. */
    LOGITS,
    /** Keys and values of texts that are generated. */
    KEYS_AND_VALUES,
    /** All else: what is kept for the way back, and what comes and goes. */
    ACTIVATIONS
  }

  /**
   * What was counted.
   *
   * @param peak the most bytes of tensors at a time
   * @param parts what of that was for what
   * @param resident the most bytes that an allocator would have held for them, with its holes
   * @param computed how often what was computed
   * @param written bytes of all new tensors together
   * @param handles how many tensors and views there were
   */
  public record Work(
      long peak,
      Map<Part, Long> parts,
      long resident,
      Map<Computation, Long> computed,
      long written,
      long handles) {}

  /**
   * What was counted since the last time.
   *
   * @param work but for what was counted apart
   * @param apart see {@link #apart}
   */
  public record Usage(Work work, Work apart) {}

  private static final class Sum {
    private final Map<Computation, Long> computed = new LinkedHashMap<>();
    private Map<Part, Long> atPeak = Map.of();
    private long peak;
    private long resident;
    private long written;
    private long handles;

    private Work work() {
      Map<Part, Long> parts = none();
      parts.putAll(atPeak);
      return new Work(peak, parts, resident, computed, written, handles);
    }
  }

  /** Memory of a tensor, which views share. */
  static final class Held {
    private final long key;
    private final long bytes;
    private final long address;
    private Part part;
    private int handles = 1;

    private Held(long key, long bytes, long address, Part part) {
      this.key = key;
      this.bytes = bytes;
      this.address = address;
      this.part = part;
    }
  }

  /** The key of memory that no tensor has. */
  private static final long PASSING = -1;

  private final Map<Long, Held> held = new HashMap<>(); // by the native storage's address
  private final NativeHeap heap = new NativeHeap();
  private final Map<Part, Long> live = none();
  private final Map<Object, Once> repeated = new HashMap<>();
  private Part part = Part.ACTIVATIONS;
  private long total;
  private long highest; // that total ever was, or since work side by side began
  private Sum usual = new Sum();
  private Sum apart = new Sum();
  private boolean isApart;

  private static Map<Part, Long> none() {
    Map<Part, Long> all = new EnumMap<>(Part.class);
    for (Part p : Part.values()) {
      all.put(p, 0L);
    }
    return all;
  }

  /**
   * Does something and counts it.
   *
   * @param all what its tensors are for, where nothing else is said
   */
  public void count(Part all, Runnable work) {
    Part before = part;
    part = all;
    try (Scope scope = new Scope(this)) {
      work.run();
    } finally {
      part = before;
    }
  }

  /** Whether what this thread does is counted. */
  public static boolean isCounting() {
    return Scope.counting() != null;
  }

  /** Says what a tensor is for, if what this thread does is counted. */
  public static void mark(Part part, Tensor t) {
    Footprint counting = Scope.counting();
    if (counting != null) {
      counting.move(t, part);
    }
  }

  /** Counts something that is computed, if what this thread does is counted. */
  public static void computes(Supplier<Computation> what) {
    Footprint counting = Scope.counting();
    if (counting != null) {
      counting.sum().computed.merge(what.get(), 1L, Long::sum);
    }
  }

  /**
   * Does something whose work is counted apart, if what this thread does is counted: such as what a
   * run does once, among what it does for each sample.
   */
  public static void apart(Runnable work) {
    Footprint counting = Scope.counting();
    if (counting == null) {
      work.run();
      return;
    }
    boolean before = counting.isApart;
    counting.isApart = true;
    try {
      work.run();
    } finally {
      counting.isApart = before;
    }
  }

  private Sum sum() {
    return isApart ? apart : usual;
  }

  /** What work on some sizes took the first time. */
  private record Once(Map<Computation, Long> computed, long written, long handles, long passing) {}

  /**
   * Does work that takes the same for the same sizes: the first time it is done, and what it took
   * is counted again each other time. So the layers of a model, which are alike, cost one.
   *
   * @param sizes all that decides what it takes
   * @param alike makes what the work gives, or nothing where that is not to be kept
   */
  <T> T repeated(Object sizes, Supplier<T> work, Supplier<T> alike) {
    Once known = repeated.get(sizes);
    Sum sum = sum();
    if (known != null) {
      known.computed().forEach((c, n) -> sum.computed.merge(c, n, Long::sum));
      sum.written += known.written();
      sum.handles += known.handles();
      pass(known.passing());
      return alike.get();
    }
    Map<Computation, Long> before = new HashMap<>(sum.computed);
    long written = sum.written;
    long handles = sum.handles;
    long held = total;
    long most = highest;
    highest = total;
    T result = work.get();
    Map<Computation, Long> computed = new LinkedHashMap<>();
    sum.computed.forEach(
        (c, n) -> {
          long more = n - before.getOrDefault(c, 0L);
          if (more > 0) {
            computed.put(c, more);
          }
        });
    repeated.put(
        sizes, new Once(computed, sum.written - written, sum.handles - handles, highest - held));
    highest = Math.max(most, highest);
    return result;
  }

  /** Memory that is free goes back to the system. */
  void trim() {
    heap.trim();
  }

  void opened(Tensor t, boolean result) {
    sum().handles++;
    if (!t.p.has_storage()) {
      return;
    }
    var storage = t.p.storage();
    long key = storage.unsafeGetStorageImpl().address();
    Held known = held.get(key);
    if (known != null) {
      known.handles++;
      t.held = known;
    } else if (storage.use_count() == 1 && (result || t.p.use_count() == 1)) {
      // nobody else has it: it is new, and no view of what was there before
      t.held = add(key, storage.nbytes());
    }
  }

  private Held add(long key, long bytes) {
    Held added = new Held(key, bytes, heap.take(bytes), part);
    held.put(key, added);
    live.merge(part, bytes, Long::sum);
    total += bytes;
    sum().written += bytes;
    look();
    return added;
  }

  /** Counts memory that is there for a moment; what is written to it is counted already. */
  private void pass(long bytes) {
    closed(add(PASSING, bytes));
    sum().written -= bytes;
  }

  private void look() {
    highest = Math.max(highest, total);
    Sum sum = sum();
    sum.resident = Math.max(sum.resident, heap.resident());
    if (total > sum.peak) {
      sum.peak = total;
      sum.atPeak = new EnumMap<>(live);
    }
  }

  /** A handle on a tensor's memory is gone; null: the tensor's is not counted. */
  void closed(Held known) {
    if (known != null && --known.handles == 0) {
      held.remove(known.key);
      heap.giveBack(known.address);
      live.merge(known.part, -known.bytes, Long::sum);
      total -= known.bytes;
    }
  }

  private void move(Tensor t, Part to) {
    Held known = t.counted == this ? t.held : null;
    if (known != null && known.part != to) {
      live.merge(known.part, -known.bytes, Long::sum);
      live.merge(to, known.bytes, Long::sum);
      known.part = to;
      if (total == sum().peak) {
        sum().atPeak = new EnumMap<>(live);
      }
    }
  }

  /**
   * Does work that would be done by several threads, one behind the other, and counts as if so many
   * of them were at it: each may hold as much as the one that holds most.
   */
  void countTogether(int threads, Runnable work) {
    long before = highest;
    highest = total;
    work.run();
    long passing = (threads - 1) * (highest - total); // beside what one of them leaves
    if (passing > 0) {
      pass(passing);
    }
    highest = Math.max(before, highest);
  }

  /** What was counted since this was asked last; what is there stays. */
  public Usage take() {
    Usage usage = new Usage(usual.work(), apart.work());
    usual = new Sum();
    apart = new Sum();
    heap.settle();
    return usage;
  }
}
