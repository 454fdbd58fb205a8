/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;

/**
 * The adapters that a row runs with: none, one, or several. What each adds to a layer's output is
 * taken from the base's output and added with its weight, y = W x + Σ w_i (f_i(x) − W x), as HF
 * PEFT does with several active adapters.
 *
 * @param parts in the order in which they are added
 */
public record AdapterMix(List<Weighted> parts) {
  /** The base alone. */
  public static final AdapterMix NONE = new AdapterMix(List.of());

  /** Adapters and how much they count. */
  public record Weighted(AdapterSet adapters, double weight) {}

  /** Keeps a copy of the list. */
  public AdapterMix {
    parts = List.copyOf(parts);
  }

  /** One set of adapters as it is. */
  public static AdapterMix of(AdapterSet adapters) {
    return new AdapterMix(List.of(new Weighted(adapters, 1)));
  }

  /** Whether it is the base alone. */
  boolean isNone() {
    return parts.stream().allMatch(p -> p.adapters().isEmpty());
  }

  /** Whether it is one set of adapters as it is. */
  boolean isOneWhole() {
    return parts.size() == 1 && parts.get(0).weight() == 1;
  }

  /** See {@link AdapterSet#retain}. */
  public void retain() {
    for (int i = 0; i < parts.size(); i++) {
      try {
        parts.get(i).adapters().retain();
      } catch (IllegalStateException e) {
        parts.subList(0, i).forEach(p -> p.adapters().release());
        throw e;
      }
    }
  }

  /** See {@link AdapterSet#release}. */
  public void release() {
    parts.forEach(p -> p.adapters().release());
  }

  /** Whether something of it trains on a layer. */
  boolean trains(Linear layer) {
    for (Weighted part : parts) {
      Adapter adapter = part.adapters().on(layer);
      if (adapter != null && !adapter.parameters().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** Those that a layer has. */
  List<Weighted> on(Linear layer) {
    return parts.stream().filter(p -> p.adapters().on(layer) != null).toList();
  }
}
