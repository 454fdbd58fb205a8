/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.List;

/**
 * Texts as vectors.
 *
 * @param all [texts][hidden], in the texts' order
 * @param tokens of all texts
 */
public record Vectors(List<float[]> all, int tokens) {
  /** Keeps a copy of the list. */
  public Vectors {
    all = List.copyOf(all);
  }
}
