package org.tlora.model;

import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Keys and values of sequences that run side by side, one slot each, for all layers. All slots of a
 * layer lie in one tensor, so that one call attends for all sequences; it grows by doubling.
 * float32, since attention runs in it.
 */
public final class KvPool implements AutoCloseable {
  private static final int FIRST_CAPACITY = 64;

  private final Tensor[] keys; // [slots, capacity, keyHeads, headDim] each
  private final Tensor[] values;
  private final int slots;

  /** An empty pool for a model of {@code layers} layers. */
  public KvPool(int layers, int slots) {
    keys = new Tensor[layers];
    values = new Tensor[layers];
    this.slots = slots;
  }

  /** An empty sequence in a slot; what was there is forgotten. */
  public KvCache open(int slot) {
    return new KvCache(this, slot, false);
  }

  int layers() {
    return keys.length;
  }

  /** Makes room for {@code needed} tokens in every slot of a layer. */
  private void grow(int layer, int needed, long keyHeads, long headDim) {
    keys[layer] = grown(keys[layer], needed, keyHeads, headDim);
    values[layer] = grown(values[layer], needed, keyHeads, headDim);
  }

  private Tensor grown(Tensor old, int needed, long keyHeads, long headDim) {
    if (old != null && old.size(1) >= needed) {
      return old;
    }
    long capacity = old == null ? FIRST_CAPACITY : old.size(1);
    while (capacity < needed) {
      capacity *= 2;
    }
    try (Scope scope = new Scope()) {
      // zeros, since what lies behind a shorter sequence is masked, which does not hide a NaN
      Tensor bigger =
          Tensor.zeros(DType.FLOAT32, slots, capacity, keyHeads, headDim).detachFromScope();
      if (old != null) {
        bigger.narrow(1, 0, old.size(1)).copyFrom(old);
        old.close();
      }
      return bigger;
    }
  }

  /** Writes keys and values [new, keyHeads, headDim] behind the first {@code at} of a slot. */
  void write(int layer, int slot, int at, Tensor key, Tensor value) {
    grow(layer, at + Math.toIntExact(key.size(0)), key.size(1), key.size(2));
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
    grow(layer, longest, key.size(1), key.size(2));
    long capacity = keys[layer].size(1);
    int[] places = new int[at.length];
    for (int i = 0; i < at.length; i++) {
      places[i] = Math.toIntExact(i * capacity + at[i]);
    }
    try (Scope scope = new Scope()) {
      Tensor index = Tensor.ofInts(places);
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
