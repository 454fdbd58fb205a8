/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.engine.DType;
import org.tlora.engine.Footprint;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Keys and values of sequences that run side by side, one slot each, for all layers. All slots of a
 * layer lie in one tensor, so that one call attends for all sequences; it grows by doubling.
 * float32, since attention runs in it.
 */
public final class KvPool implements AutoCloseable {
  /** Room is made for so many tokens at first, and in multiples of that. */
  public static final int LEAST_CAPACITY = 64;

  private final Tensor[] keys; // [slots, capacity, keyHeads, headDim] each
  private final Tensor[] values;
  private int slots;
  private int mostTokens = Integer.MAX_VALUE;

  /** An empty pool for a model of {@code layers} layers. */
  public KvPool(int layers, int slots) {
    keys = new Tensor[layers];
    values = new Tensor[layers];
    this.slots = slots;
  }

  /**
   * Bytes that keys and values take of so many tokens in so many slots.
   *
   * @param width key heads times their size
   */
  public static long bytes(int layers, long width, long slots, long tokens) {
    long capacity = (tokens + LEAST_CAPACITY - 1) / LEAST_CAPACITY * LEAST_CAPACITY;
    return 2L * layers * width * DType.FLOAT32.bytes() * slots * capacity;
  }

  /**
   * Holds so many slots from here on, and never more than so many tokens in each; what is in the
   * first slots stays.
   */
  public void resize(int newSlots, int newMostTokens) {
    mostTokens = (newMostTokens + LEAST_CAPACITY - 1) / LEAST_CAPACITY * LEAST_CAPACITY;
    if (newSlots == slots && capacity() <= mostTokens) {
      return;
    }
    int kept = Math.min(slots, newSlots);
    slots = newSlots;
    for (int i = 0; i < keys.length; i++) {
      keys[i] = resized(keys[i], kept);
      values[i] = resized(values[i], kept);
    }
  }

  private long capacity() {
    return keys.length == 0 || keys[0] == null ? 0 : keys[0].size(1);
  }

  private Tensor resized(Tensor old, int kept) {
    if (old == null) {
      return null;
    }
    try (Scope scope = new Scope()) {
      long capacity = Math.min(old.size(1), mostTokens);
      Tensor other =
          old.newZeros(DType.FLOAT32, slots, capacity, old.size(2), old.size(3)).detachFromScope();
      Footprint.mark(Footprint.Part.KEYS_AND_VALUES, other);
      other.narrow(0, 0, kept).copyFrom(old.narrow(0, 0, kept).narrow(1, 0, capacity));
      old.close();
      return other;
    }
  }

  /** An empty sequence in a slot; what was there is forgotten. */
  public KvCache open(int slot) {
    return new KvCache(this, slot, false);
  }

  int layers() {
    return keys.length;
  }

  /** Makes room for {@code needed} tokens in every slot of a layer. */
  private void grow(int layer, int needed, Tensor like) {
    keys[layer] = grown(keys[layer], needed, like);
    values[layer] = grown(values[layer], needed, like);
  }

  private Tensor grown(Tensor old, int needed, Tensor like) {
    if (old != null && old.size(1) >= needed) {
      return old;
    }
    long capacity = old == null ? LEAST_CAPACITY : old.size(1);
    while (capacity < needed) {
      capacity *= 2;
    }
    capacity = Math.max(needed, Math.min(capacity, mostTokens));
    try (Scope scope = new Scope()) {
      // zeros, since what lies behind a shorter sequence is masked, which does not hide a NaN
      Tensor bigger =
          like.newZeros(DType.FLOAT32, slots, capacity, like.size(1), like.size(2))
              .detachFromScope();
      Footprint.mark(Footprint.Part.KEYS_AND_VALUES, bigger);
      if (old != null) {
        bigger.narrow(1, 0, old.size(1)).copyFrom(old);
        old.close();
      }
      return bigger;
    }
  }

  /** Writes keys and values [new, keyHeads, headDim] behind the first {@code at} of a slot. */
  void write(int layer, int slot, int at, Tensor key, Tensor value) {
    grow(layer, at + Math.toIntExact(key.size(0)), key);
    try (Scope scope = new Scope()) {
      keys[layer].select(0, slot).narrow(0, at, key.size(0)).copyFrom(key);
      values[layer].select(0, slot).narrow(0, at, value.size(0)).copyFrom(value);
    }
  }

  /**
   * Writes one token's key and value to each of the first slots.
   *
   * @param at the place in each slot
   * @param key [slots in use, keyHeads, headDim]
   */
  void writeOneEach(int layer, int[] at, Tensor key, Tensor value) {
    int longest = 0;
    for (int a : at) {
      longest = Math.max(longest, a + 1);
    }
    grow(layer, longest, key);
    long capacity = keys[layer].size(1);
    int[] places = new int[at.length];
    for (int i = 0; i < at.length; i++) {
      places[i] = Math.toIntExact(i * capacity + at[i]);
    }
    try (Scope scope = new Scope()) {
      Tensor index = key.newInts(places);
      long width = key.size(1) * key.size(2);
      flat(keys[layer], width).indexCopyInPlace(0, index, key.reshape(at.length, width));
      flat(values[layer], width).indexCopyInPlace(0, index, value.reshape(at.length, width));
    }
  }

  private Tensor flat(Tensor all, long width) {
    return all.view(slots * all.size(1), width);
  }

  /** A layer's keys of the first tokens of a slot, [count, keyHeads, headDim]. */
  Tensor keys(int layer, int slot, int count) {
    return keys[layer].select(0, slot).narrow(0, 0, count);
  }

  /** Likewise its values. */
  Tensor values(int layer, int slot, int count) {
    return values[layer].select(0, slot).narrow(0, 0, count);
  }

  /** A layer's keys of the first slots, [rows, keyHeads, count, headDim]. */
  Tensor keysOfRows(int layer, int rows, int count) {
    return keys[layer].narrow(0, 0, rows).narrow(1, 0, count).transpose(1, 2);
  }

  /** Likewise its values. */
  Tensor valuesOfRows(int layer, int rows, int count) {
    return values[layer].narrow(0, 0, rows).narrow(1, 0, count).transpose(1, 2);
  }

  /** Copies the first tokens of another pool's slot. */
  void copy(KvPool from, int fromSlot, int toSlot, int count) {
    try (Scope scope = new Scope()) {
      for (int i = 0; i < keys.length && count > 0; i++) {
        write(i, toSlot, 0, from.keys(i, fromSlot, count), from.values(i, fromSlot, count));
      }
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != null) {
        keys[i].close();
        values[i].close();
        keys[i] = null;
        values[i] = null;
      }
    }
  }
}
