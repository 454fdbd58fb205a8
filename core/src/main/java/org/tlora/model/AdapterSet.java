/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.autograd.Parameter;

/**
 * The adapters of one fine-tuning, by the layer that each belongs to. It is no part of the model: a
 * {@link Pass} says which sets it runs with, so that several can be in use at once on one model.
 *
 * <p>Owned by whoever made it, and closed when no pass uses it any more. Threads may share one that
 * nobody trains.
 */
public final class AdapterSet implements AutoCloseable {
  private final Map<Linear, Adapter> adapters;
  private int users;
  private boolean closed;

  /** Takes ownership of the adapters; the order of the map is kept. */
  public AdapterSet(Map<Linear, ? extends Adapter> adapters) {
    this.adapters = Collections.unmodifiableMap(new LinkedHashMap<>(adapters));
  }

  /** No adapter at all. */
  public static AdapterSet empty() {
    return new AdapterSet(Map.of());
  }

  /** The adapter of a layer, or null. */
  public Adapter on(Linear layer) {
    return adapters.get(layer);
  }

  /** The layers that have one, in order. */
  public Set<Linear> layers() {
    return adapters.keySet();
  }

  /** Whether no layer has one. */
  public boolean isEmpty() {
    return adapters.isEmpty();
  }

  /** What trains, in the order of the layers. */
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    adapters.values().forEach(a -> all.addAll(a.parameters()));
    return all;
  }

  /**
   * Keeps it from being freed until {@link #release}: for whoever runs passes with it at another
   * time than its owner knows of.
   *
   * @throws IllegalStateException if it was closed
   */
  public synchronized void retain() {
    if (closed) {
      throw new IllegalStateException("the adapters were closed");
    }
    users++;
  }

  /** Ends what {@link #retain} began; frees all where it was closed meanwhile. */
  public synchronized void release() {
    users--;
    freeUnused();
  }

  /** Whether its owner has closed it, so that nobody else can use it. */
  public synchronized boolean isClosed() {
    return closed;
  }

  private void freeUnused() {
    if (closed && users == 0) {
      adapters.values().forEach(Adapter::close);
    }
  }

  /** Frees all of them, or leaves that to the last who {@linkplain #retain retained} it. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      freeUnused();
    }
  }
}
