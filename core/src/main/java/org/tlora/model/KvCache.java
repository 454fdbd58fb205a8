package org.tlora.model;

import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Keys and values of one sequence, for all layers. It grows by doubling; float32, since attention
 * runs in it.
 */
public final class KvCache implements AutoCloseable {
  private static final int FIRST_CAPACITY = 64;

  private final Tensor[] keys;
  private final Tensor[] values;
  private int length;

  /** An empty cache for a model of {@code layers} layers. */
  public KvCache(int layers) {
    keys = new Tensor[layers];
    values = new Tensor[layers];
  }

  /** The same contents in memory of their own. */
  public KvCache copy() {
    KvCache other = new KvCache(keys.length);
    other.length = length;
    try (Scope scope = new Scope()) {
      for (int i = 0; i < keys.length; i++) {
        if (keys[i] != null) {
          other.keys[i] = other.grown(null, length + FIRST_CAPACITY / 2, keys[i]);
          other.keys[i].narrow(0, 0, length).copyFrom(keys[i].narrow(0, 0, length));
          other.values[i] = other.grown(null, length + FIRST_CAPACITY / 2, values[i]);
          other.values[i].narrow(0, 0, length).copyFrom(values[i].narrow(0, 0, length));
        }
      }
    }
    return other;
  }

  /** Tokens whose keys and values are held in every layer. */
  public int length() {
    return length;
  }

  /**
   * Adds a layer's keys and values of new tokens, [new, keyHeads, headDim], without moving {@link
   * #length} on yet.
   */
  void append(int layer, Tensor key, Tensor value) {
    int needed = length + Math.toIntExact(key.size(0));
    keys[layer] = grown(keys[layer], needed, key);
    values[layer] = grown(values[layer], needed, value);
    try (Scope scope = new Scope()) {
      keys[layer].narrow(0, length, key.size(0)).copyFrom(key);
      values[layer].narrow(0, length, value.size(0)).copyFrom(value);
    }
  }

  private Tensor grown(Tensor old, int needed, Tensor like) {
    if (old != null && old.size(0) >= needed) {
      return old;
    }
    long capacity = old == null ? FIRST_CAPACITY : old.size(0);
    while (capacity < needed) {
      capacity *= 2;
    }
    try (Scope scope = new Scope()) {
      Tensor bigger =
          Tensor.empty(DType.FLOAT32, capacity, like.size(1), like.size(2)).detachFromScope();
      if (old != null) {
        bigger.narrow(0, 0, length).copyFrom(old.narrow(0, 0, length));
        old.close();
      }
      return bigger;
    }
  }

  /** A layer's keys of the first {@code count} tokens, [count, keyHeads, headDim]. */
  Tensor keys(int layer, int count) {
    return keys[layer].narrow(0, 0, count);
  }

  /** A layer's values of the first {@code count} tokens, [count, keyHeads, headDim]. */
  Tensor values(int layer, int count) {
    return values[layer].narrow(0, 0, count);
  }

  /** Moves on once all layers have added {@code count} new tokens. */
  void advance(int count) {
    length += count;
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
    length = 0;
  }
}
