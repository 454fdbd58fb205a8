/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.card.DerivedCard;
import org.tlora.engine.DType;
import org.tlora.engine.LinearAlgebra;
import org.tlora.engine.LinearAlgebra.Triplets;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.adapter.PaddedFactors;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.disk.AdapterFrame;
import org.tlora.peft.disk.AdapterFrame.Made;
import org.tlora.peft.disk.DetachedAdapter;
import org.tlora.peft.disk.DetachedAdapter.Product;

/**
 * Writes an adapter at other ranks: at a lesser one the leading singular triplets of its delta,
 * found from the factors; at a greater one the same product, with rows of A that B has nothing for
 * yet. Each module keeps its scaling.
 */
public final class AdapterResizer {
  /** So much of the energy is rounding: a share of 1 loses no more. */
  private static final double ROUNDING = 1e-14;

  private final RankChoice choice;
  private final List<ResizedModule> modules = new ArrayList<>();

  private AdapterResizer(RankChoice choice) {
    this.choice = choice;
  }

  /**
   * Reads an adapter and writes it at other ranks.
   *
   * @throws org.tlora.fault.UsageFault if it would be written over
   * @throws org.tlora.fault.InputFault if it is none, or more than products
   * @throws org.tlora.fault.RunFault if the new one cannot be written
   */
  public static ResizedAdapter resize(Path adapter, RankChoice choice, Path output) {
    try (Scope scope = new Scope();
        DetachedAdapter source = DetachedAdapter.read(adapter)) {
      source.requireProducts("resized");
      AdapterFrame frame = AdapterFrame.of(List.of(source), output, null);
      AdapterResizer resizer = new AdapterResizer(choice);
      Map<String, Made> made = new LinkedHashMap<>();
      source.products().forEach((name, p) -> made.put(name, resizer.resized(p)));
      int rank =
          resizer.modules.stream().mapToInt(m -> Math.toIntExact(m.rank())).max().orElseThrow();
      double scaling = made.values().iterator().next().factors().scaling();
      double alpha = scaling > 0 ? scaling * rank : rank;
      frame.write(made, new PeftOptions(rank, alpha, 0));
      List<String> notes = new ArrayList<>(frame.notes());
      DerivedCard.ofAdapters(output, "another rank", Map.of(adapter, ""))
          .write(output)
          .ifPresent(notes::add);
      return new ResizedAdapter(resizer.modules, notes);
    }
  }

  /** Owned by the caller's scope. */
  private Made resized(Product product) {
    StoredLayer layer = product.stored();
    long before = layer.a().size(0);
    try (Scope scope = new Scope()) {
      Triplets all = LinearAlgebra.productTriplets(layer.b(), layer.rows());
      double[] sigma = all.sigma().toDoubles();
      double square = tail(sigma, 0) * layer.scaling() * layer.scaling();
      long rank = rank(sigma, before);
      LoraFactors f;
      double lost = 0;
      if (rank < before) {
        long count = Math.min(rank, sigma.length);
        lost = tail(sigma, count) * layer.scaling() * layer.scaling();
        f = truncated(all.leading(count), layer);
      } else {
        f = factors(layer.rows(), layer.b(), layer);
      }
      f = PaddedFactors.of(f, product.path(), product.lookup(), rank);
      modules.add(new ResizedModule(product.path(), before, rank, square, lost));
      scope.keep(f.a());
      scope.keep(f.b());
      return new Made(product.path(), product.lookup(), f);
    }
  }

  private long rank(double[] sigma, long before) {
    if (choice instanceof RankChoice.Fixed fixed) {
      return fixed.rank();
    }
    double share = ((RankChoice.Energy) choice).share();
    double all = tail(sigma, 0);
    int rank = 1;
    while (rank < sigma.length && tail(sigma, rank) > (1 - share + ROUNDING) * all) {
      rank++;
    }
    return Math.min(rank, before);
  }

  /** Σσ² of all but the first ones. */
  private static double tail(double[] sigma, long from) {
    double sum = 0;
    for (int i = sigma.length - 1; i >= from; i--) {
      sum += sigma[i] * sigma[i];
    }
    return sum;
  }

  /** B = U diag(σ) and A = V of B A, whose scaling stays beside it. */
  private static LoraFactors truncated(Triplets leading, StoredLayer layer) {
    Tensor b = leading.u().mul(leading.sigma()).to(DType.FLOAT32).contiguous();
    return factors(leading.v().to(DType.FLOAT32).contiguous(), b, layer);
  }

  private static LoraFactors factors(Tensor a, Tensor b, StoredLayer layer) {
    return new LoraFactors(a, b, layer.bias(), null, layer.scaling(), 0);
  }
}
