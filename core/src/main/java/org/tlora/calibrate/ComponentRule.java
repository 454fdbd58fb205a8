/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.model.Linear;

/**
 * How principal components of inputs are looked for, and who gets how many of them: EVA's rule
 * (Paischer et al., arXiv 2410.07170) as HF PEFT has it.
 *
 * @param rank on average
 * @param most of a layer; 0: none are looked for
 * @param settled the cosine to the same component a batch before, from which on it counts as found
 */
public record ComponentRule(int rank, int most, double settled) {
  /** Nothing is looked for. */
  public static final ComponentRule NONE = new ComponentRule(0, 0, 0);

  /** The components of a layer that are looked for. */
  int of(Linear layer) {
    return (int) Math.min(most, layer.inFeatures());
  }

  /** A component that a layer may get. */
  private record Offer(Linear layer, double ratio) {}

  /**
   * Gives {@code rank · layers} components to the layers whose inputs' variance they explain the
   * greatest shares of. What layers share, each of them may get; of such layers the first gets no
   * fewer than the others.
   *
   * @param layers in the model's order
   * @param ratios of a layer that others share the input of
   */
  public Map<Linear, Integer> ranks(List<Linear> layers, Map<Linear, double[]> ratios) {
    Map<Linear, Linear> first = new LinkedHashMap<>(); // of the layers of an input
    layers.forEach(l -> first.putIfAbsent(l.sharesInputWith(), l));
    List<Linear> ordered = new ArrayList<>(first.values());
    layers.stream().filter(l -> first.get(l.sharesInputWith()) != l).forEach(ordered::add);
    List<Offer> offers = new ArrayList<>();
    for (Linear l : ordered) {
      for (double ratio : ratios.get(l.sharesInputWith())) {
        offers.add(new Offer(l, ratio));
      }
    }
    offers.sort(Comparator.comparingDouble(Offer::ratio).reversed()); // equal ones as they are
    Map<Linear, Integer> ranks = new LinkedHashMap<>();
    layers.forEach(l -> ranks.put(l, 0));
    offers.stream()
        .limit((long) rank * layers.size())
        .forEach(o -> ranks.merge(o.layer(), 1, Integer::sum));
    for (Linear l : layers) {
      Linear leader = first.get(l.sharesInputWith());
      if (ranks.get(l) > ranks.get(leader)) {
        ranks.put(l, ranks.put(leader, ranks.get(l)));
      }
    }
    return ranks;
  }
}
