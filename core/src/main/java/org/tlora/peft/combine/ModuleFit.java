/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.util.Map;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.peft.disk.DetachedAdapter;
import org.tlora.peft.disk.DetachedAdapter.Product;

/** Whether what several adapters have for one module can be combined. */
final class ModuleFit {
  private ModuleFit() {}

  /**
   * Makes sure that it can.
   *
   * @throws InputFault if they are of modules that differ
   * @throws UsageFault if they have ranks that differ, and the combination needs one
   */
  static void require(Map<DetachedAdapter, Product> having, Combination combination) {
    Map.Entry<DetachedAdapter, Product> first = having.entrySet().iterator().next();
    Product a = first.getValue();
    having.forEach(
        (source, b) -> {
          String both = first.getKey().directory() + " and " + source.directory();
          if (a.lookup() != b.lookup() || !size(a).equals(size(b))) {
            throw new InputFault(
                both
                    + " are for bases that differ: "
                    + a.path()
                    + " is "
                    + size(a)
                    + " in one and "
                    + size(b)
                    + " in the other");
          }
          if (combination.needsOneRank() && rank(a) != rank(b)) {
            throw new UsageFault(
                combination.name()
                    + " combines A and B by themselves and needs one rank, but "
                    + a.path()
                    + " has "
                    + rank(a)
                    + " and "
                    + rank(b)
                    + " in "
                    + both
                    + "; take cat, svd or a combination that ends in _svd");
          }
        });
  }

  private static String size(Product p) {
    return (p.lookup() ? "an embedding of " : "a projection of ")
        + p.stored().a().size(1)
        + " to "
        + p.stored().b().size(0);
  }

  private static long rank(Product p) {
    return p.stored().a().size(0);
  }
}
