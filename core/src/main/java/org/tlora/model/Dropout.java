/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * What a pass drops. Each row draws from a seed of its own, so that it drops the same whatever
 * other rows it is run with, and in whichever process.
 *
 * @param parts of the pass's tokens, in order
 */
public record Dropout(List<Part> parts) {
  /** Tokens that draw from one seed. */
  public record Part(long seed, int tokens) {}

  /** Keeps a copy of the list. */
  public Dropout {
    parts = List.copyOf(parts);
  }

  /**
   * Rows with a seed each.
   *
   * @throws IllegalArgumentException if there are more or fewer seeds than rows
   */
  public static Dropout of(long[] seeds, Layout layout) {
    List<Layout.Segment> rows = layout.segments();
    if (seeds.length != rows.size()) {
      throw new IllegalArgumentException(seeds.length + " seeds for " + rows.size() + " rows");
    }
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < seeds.length; i++) {
      parts.add(new Part(seeds[i], rows.get(i).length()));
    }
    return new Dropout(parts);
  }

  /**
   * Of neighbouring rows.
   *
   * @throws IllegalArgumentException if a row is cut
   */
  Dropout narrow(int from, int tokens) {
    List<Part> inside = new ArrayList<>();
    int at = 0;
    int found = 0;
    for (Part part : parts) {
      if (at >= from && at + part.tokens() <= from + tokens) {
        inside.add(part);
        found += part.tokens();
      }
      at += part.tokens();
    }
    if (found != tokens) {
      throw new IllegalArgumentException(
          "tokens " + from + " to " + (from + tokens) + " cut a row");
    }
    return new Dropout(inside);
  }

  /** Of some of the tokens; each draws by itself from then on. */
  Dropout at(int[] positions) {
    List<Part> chosen = new ArrayList<>();
    for (int position : positions) {
      int before = position;
      int row = 0;
      while (before >= parts.get(row).tokens()) {
        before -= parts.get(row++).tokens();
      }
      chosen.add(new Part(Random.mix(parts.get(row).seed(), before), 1));
    }
    return new Dropout(chosen);
  }

  /**
   * 0, with a probability, or 1/(1 − p) for each element; owned by the caller's scope.
   *
   * @param input of a layer, [tokens, in], whose shape and type the mask has
   * @param layer by name: each draws other numbers, and the same again when it is run again
   */
  public Tensor mask(Tensor input, String layer, double p) {
    try (Scope scope = new Scope()) {
      List<Tensor> all = new ArrayList<>();
      for (Part part : parts) {
        long seed = Random.mix(part.seed(), layer.hashCode());
        try (Random random = new Random(input.device(), seed)) {
          all.add(random.uniform(0, 1, part.tokens(), input.size(1)));
        }
      }
      Tensor drawn = all.size() == 1 ? all.get(0) : Tensor.cat(all, 0);
      Tensor keep = drawn.lessThan(1 - p).to(input.dtype());
      return scope.keep(keep.mulInPlace(1 / (1 - p)));
    }
  }
}
