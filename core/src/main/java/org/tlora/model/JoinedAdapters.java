/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * Low-rank adapters of several sets side by side, so that what they add to layers that share an
 * input is one matrix product in and one out for each layer: y += ((x Aᵀ) ∘ M) Bᵀ, with their A one
 * below the other, their s·B side by side, and M the weight that a token gives to the adapter of
 * each column. For passes of few tokens, where it is the number of products that costs; in one of
 * many tokens each row is multiplied by its own alone.
 *
 * <p>It holds copies, of sets that nobody trains meanwhile. One thread uses it.
 */
public final class JoinedAdapters implements AutoCloseable {
  /** More tokens than these are not worth the products with adapters that are not theirs. */
  static final int MOST_TOKENS = 64;

  /** Copies take no more than this share of the model's weights. */
  private static final double SHARE_OF_WEIGHTS = 0.25;

  /**
   * What is added to the layers of a group, layer by layer and for each in the order of the sets.
   *
   * @param a [Σ rank, in]
   * @param owners the number of the set that each of the ranks belongs to, [Σ rank]
   * @param products what becomes of the ranks of each layer
   */
  private record Factors(Tensor a, Tensor owners, List<OfLayer> products) {
    long bytes() {
      return a.dtype().bytes() * (a.size() + products.stream().mapToLong(p -> p.bt().size()).sum());
    }

    void close() {
      a.close();
      owners.close();
      products.forEach(p -> p.bt().close());
    }
  }

  /**
   * What is added to a layer.
   *
   * @param from the first of its ranks
   * @param bt s·Bᵀ, [Σ rank, out]
   */
  private record OfLayer(Linear layer, long from, Tensor bt) {}

  private final Device device;
  private final long mostBytes;
  private final List<AdapterSet> sets = new ArrayList<>(); // the last used ones last
  private final Map<LinearGroup, Optional<Factors>> factors = new HashMap<>(); // empty: no adapters
  private final Set<LinearGroup> otherKinds = new HashSet<>();
  private long bytes;
  private boolean tooLarge; // what is in use

  /** For adapters of a model. */
  public JoinedAdapters(CausalLm model) {
    this(model, SHARE_OF_WEIGHTS);
  }

  /** The same with another bound of the copies, as a share of the model's weights. */
  JoinedAdapters(CausalLm model, double shareOfWeights) {
    device = model.device();
    mostBytes = (long) (shareOfWeights * model.weightBytes());
  }

  /** Those that it is ready for. */
  List<AdapterSet> sets() {
    return List.copyOf(sets);
  }

  /** Whether there are copies. */
  boolean holdsSomething() {
    return bytes > 0;
  }

  /**
   * Makes ready for the sets that a pass runs with. As long as others join and leave it holds up to
   * twice as many as are in use, so that those that take turns are not copied each time.
   */
  void use(List<AdapterMix> rows) {
    Set<AdapterSet> now = new LinkedHashSet<>();
    rows.forEach(mix -> mix.parts().forEach(part -> now.add(part.adapters())));
    now.removeIf(AdapterSet::isEmpty);
    boolean closed = sets.stream().anyMatch(s -> s.isClosed() && !now.contains(s));
    if (!closed && sets.containsAll(now) && sets.size() <= Math.max(2, 2 * now.size())) {
      return;
    }
    List<AdapterSet> kept = new ArrayList<>(sets);
    kept.removeIf(s -> s.isClosed() || now.contains(s));
    int others = Math.min(kept.size(), now.size());
    clear();
    sets.addAll(kept.subList(kept.size() - others, kept.size()));
    sets.addAll(now);
  }

  /** Gives up what is held of sets that were closed. */
  public void dropClosed() {
    if (sets.stream().anyMatch(AdapterSet::isClosed)) {
      clear();
    }
  }

  /**
   * How much each of the tokens takes of each set, [tokens, sets] in float32; owned by the caller's
   * scope. Null where all take the whole of the only one.
   */
  Tensor weights(Layout layout, List<AdapterMix> rows) {
    if (sets.size() == 1 && rows.stream().allMatch(AdapterMix::isOneWhole)) {
      return null;
    }
    int width = sets.size();
    float[] all = new float[layout.tokens() * width];
    for (int i = 0; i < rows.size(); i++) {
      Layout.Segment segment = layout.segments().get(i);
      for (AdapterMix.Weighted part : rows.get(i).parts()) {
        int column = sets.indexOf(part.adapters()); // −1: it has none
        for (int t = 0; column >= 0 && t < segment.length(); t++) {
          all[(segment.offset() + t) * width + column] += (float) part.weight();
        }
      }
    }
    return Tensor.ofFloats(device, all, layout.tokens(), width);
  }

  /**
   * Adds what the adapters give to all layers of a group.
   *
   * @param x [tokens, in]
   * @param y [tokens, Σ out], changed in place
   * @param weights from {@link #weights}
   * @return false, and nothing is done, where some adapter there is no low-rank product or copies
   *     would be too large
   */
  boolean add(LinearGroup group, Tensor x, Tensor y, Tensor weights) {
    if (!hold(group, y.dtype())) {
      return false;
    }
    Optional<Factors> found = factors.get(group);
    if (found.isPresent()) {
      Factors f = found.get();
      try (Scope scope = new Scope()) {
        Tensor h = x.mm(f.a().t());
        if (weights != null) {
          h.mulInPlace(weights.indexSelect(1, f.owners()).to(h.dtype()));
        }
        for (OfLayer p : f.products()) {
          Linear l = p.layer();
          y.narrow(1, l.offset(), l.outFeatures())
              .addmmInPlace(h.narrow(1, p.from(), p.bt().size(0)), p.bt(), 1);
        }
      }
    }
    return true;
  }

  private boolean hold(LinearGroup group, DType type) {
    if (tooLarge || otherKinds.contains(group)) {
      return false;
    }
    if (factors.containsKey(group)) {
      return true;
    }
    for (AdapterSet set : sets) {
      for (Linear l : group.linears()) {
        if (set.on(l) != null && !set.on(l).isLowRank()) {
          otherKinds.add(group);
          return false;
        }
      }
    }
    Optional<Factors> made = join(group, type);
    factors.put(group, made);
    bytes += made.map(Factors::bytes).orElse(0L);
    tooLarge = bytes > mostBytes;
    if (tooLarge) {
      clearFactors();
    }
    return !tooLarge;
  }

  private Optional<Factors> join(LinearGroup group, DType type) {
    try (Scope scope = new Scope()) {
      List<Tensor> a = new ArrayList<>();
      List<Integer> owners = new ArrayList<>();
      List<OfLayer> products = new ArrayList<>();
      for (Linear l : group.linears()) {
        int from = owners.size();
        List<Tensor> b = new ArrayList<>();
        for (int s = 0; s < sets.size(); s++) {
          Adapter adapter = sets.get(s).on(l);
          if (adapter != null) {
            LowRankFactors f = adapter.lowRank();
            a.add(f.a());
            b.add(f.b());
            owners.addAll(Collections.nCopies((int) f.a().size(0), s));
          }
        }
        if (!b.isEmpty()) {
          products.add(new OfLayer(l, from, kept(Tensor.cat(b, 1).t(), type)));
        }
      }
      if (a.isEmpty()) {
        return Optional.empty();
      }
      int[] owned = owners.stream().mapToInt(Integer::intValue).toArray();
      Tensor owner = a.get(0).newInts(owned).detachFromScope();
      return Optional.of(new Factors(kept(Tensor.cat(a, 0), type), owner, products));
    }
  }

  private static Tensor kept(Tensor some, DType type) {
    return some.to(type).contiguous().detachFromScope();
  }

  private void clear() {
    clearFactors();
    sets.clear();
    tooLarge = false;
  }

  private void clearFactors() {
    factors.values().forEach(f -> f.ifPresent(Factors::close));
    factors.clear();
    otherKinds.clear();
    bytes = 0;
  }

  @Override
  public void close() {
    clear();
  }
}
