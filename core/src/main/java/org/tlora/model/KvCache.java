/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import org.tlora.engine.Tensor;

/** Keys and values of one sequence, for all layers: a slot of a {@link KvPool}. */
public final class KvCache implements AutoCloseable {
  private final KvPool pool;
  private final boolean ownsPool;
  private int slot;
  private int length;

  KvCache(KvPool pool, int slot, boolean ownsPool) {
    this.pool = pool;
    this.slot = slot;
    this.ownsPool = ownsPool;
  }

  /** An empty cache by itself, for a model of {@code layers} layers. */
  public KvCache(int layers) {
    this(new KvPool(layers, 1), 0, true);
  }

  /** Tokens whose keys and values are held in every layer. */
  public int length() {
    return length;
  }

  KvPool pool() {
    return pool;
  }

  int slot() {
    return slot;
  }

  /** The same contents in memory of their own. */
  public KvCache copy() {
    KvCache other = new KvCache(pool.layers());
    other.copyFrom(this);
    return other;
  }

  /** Forgets what it holds and takes what another holds. */
  public void copyFrom(KvCache other) {
    copyFrom(other, other.length);
  }

  /**
   * Forgets what it holds and takes the beginning of what another holds.
   *
   * @param count tokens, at most the other's
   */
  public void copyFrom(KvCache other, int count) {
    pool.copy(other.pool, other.slot, slot, count);
    length = count;
  }

  /** Moves to another slot of the pool, whose contents are forgotten. */
  public void moveTo(int otherSlot) {
    pool.copy(pool, slot, otherSlot, length);
    slot = otherSlot;
  }

  /**
   * Adds a layer's keys and values of new tokens, [new, keyHeads, headDim], without moving {@link
   * #length} on yet.
   */
  void append(int layer, Tensor key, Tensor value) {
    pool.write(layer, slot, length, key, value);
  }

  /** A layer's keys of the first {@code count} tokens, [count, keyHeads, headDim]. */
  Tensor keys(int layer, int count) {
    return pool.keys(layer, slot, count);
  }

  /** A layer's values of the first {@code count} tokens, [count, keyHeads, headDim]. */
  Tensor values(int layer, int count) {
    return pool.values(layer, slot, count);
  }

  /** Moves on once all layers have added {@code count} new tokens. */
  void advance(int count) {
    length += count;
  }

  /** Frees a cache by itself; a pool's slots are freed with the pool. */
  @Override
  public void close() {
    if (ownsPool) {
      pool.close();
    }
    length = 0;
  }
}
