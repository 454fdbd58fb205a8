/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft;

import java.util.Collections;
import java.util.List;

/**
 * What a layer gets.
 *
 * @param alpha as configured or allocated
 * @param scaling s in y = W x + s·B A x
 * @param bounded whether the rank was kept within 1…min(in, out)
 */
public record LayerPlan(int rank, double alpha, double scaling, boolean bounded) {
  /**
   * The same rank and scaling for every layer.
   *
   * @param scaling for the configured rank
   */
  public static List<LayerPlan> uniform(Targets targets, PeftOptions options, double scaling) {
    LayerPlan same = new LayerPlan(options.rank(), options.alphaOrRank(), scaling, false);
    return Collections.nCopies(targets.layers().size(), same);
  }

  /**
   * The same for methods that take components out of the weight: no layer gets more of them than it
   * has.
   *
   * @param components of the weight that a rank needs, 2 where two different ones go into A and B
   */
  public static List<LayerPlan> uniformWithin(
      Targets targets, PeftOptions options, double scaling, int components) {
    return targets.layers().stream()
        .map(
            l -> {
              int most = (int) Math.min(l.inFeatures(), l.outFeatures()) / components;
              int rank = Math.max(1, Math.min(options.rank(), most));
              boolean bounded = rank < options.rank();
              return new LayerPlan(rank, options.alphaOrRank(), scaling, bounded);
            })
        .toList();
  }
}
