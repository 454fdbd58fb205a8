/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.delta.AdapterDifference.BesideDifference;
import org.tlora.peft.delta.AdapterDifference.SettingDifference;
import org.tlora.peft.disk.DetachedAdapter;
import org.tlora.peft.disk.DetachedAdapter.Product;

/** Compares two adapters on disk, from their factors, without the model that they are for. */
public final class AdapterComparison {
  private final DetachedAdapter a;
  private final DetachedAdapter b;

  private AdapterComparison(DetachedAdapter a, DetachedAdapter b) {
    this.a = a;
    this.b = b;
  }

  /**
   * Compares two adapters.
   *
   * @throws InputFault if one is none, or they are for models of other sizes
   */
  public static AdapterDifference of(Path a, Path b) {
    try (DetachedAdapter first = DetachedAdapter.read(a);
        DetachedAdapter second = DetachedAdapter.read(b)) {
      return new AdapterComparison(first, second).difference();
    }
  }

  private AdapterDifference difference() {
    Set<String> names = new LinkedHashSet<>(a.products().keySet());
    names.addAll(b.products().keySet());
    List<ModuleDifference> modules = new ArrayList<>();
    Distance total = Distance.ZERO;
    for (String name : names) {
      Product first = a.products().get(name);
      Product second = b.products().get(name);
      requireOneSize(first, second);
      String path = first == null ? second.path() : first.path();
      ModuleDifference module = ThinProduct.compared(path, stored(first), stored(second));
      modules.add(module);
      total = total.plus(module.distance());
    }
    return new AdapterDifference(modules, total, besides(), settings(), notes());
  }

  private static StoredLayer stored(Product product) {
    return product == null ? null : product.stored();
  }

  private void requireOneSize(Product first, Product second) {
    if (first == null || second == null) {
      return;
    }
    boolean same =
        first.lookup() == second.lookup()
            && first.stored().a().size(1) == second.stored().a().size(1)
            && first.stored().b().size(0) == second.stored().b().size(0);
    if (!same) {
      throw new InputFault(
          a.directory()
              + " and "
              + b.directory()
              + " are for models of other sizes: "
              + first.path()
              + " cannot be compared");
    }
  }

  private List<BesideDifference> besides() {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> first = vectors(a);
      Map<String, Tensor> second = vectors(b);
      Set<String> names = new TreeSet<>(first.keySet());
      names.addAll(second.keySet());
      List<BesideDifference> all = new ArrayList<>();
      for (String name : names) {
        BesideDifference d = beside(name, first.get(name), second.get(name));
        if (d.distance() == null || d.distance().squareDifference() > 0) {
          all.add(d);
        }
      }
      return all;
    }
  }

  /** All tensors beside products, magnitudes and biases of B among them. */
  private static Map<String, Tensor> vectors(DetachedAdapter adapter) {
    Map<String, Tensor> all = new LinkedHashMap<>(adapter.besides());
    adapter
        .products()
        .forEach(
            (name, p) -> {
              if (p.stored().magnitude() != null) {
                all.put(name + ".lora_magnitude_vector", p.stored().magnitude());
              }
              if (p.stored().bias() != null) {
                all.put(name + ".lora_B.bias", p.stored().bias().mul(p.stored().scaling()));
              }
            });
    return all;
  }

  private static BesideDifference beside(String name, Tensor first, Tensor second) {
    if (first == null || second == null) {
      return new BesideDifference(name, null, "only in " + (first == null ? "B" : "A"));
    }
    if (!Arrays.equals(first.shape(), second.shape())) {
      String sizes = Arrays.toString(first.shape()) + " in A, " + Arrays.toString(second.shape());
      return new BesideDifference(name, null, sizes + " in B");
    }
    try (Scope scope = new Scope()) {
      Tensor x = first.to(DType.FLOAT64);
      Tensor y = second.to(DType.FLOAT64);
      Distance distance =
          new Distance(
              x.square().sum().item(),
              y.square().sum().item(),
              x.sub(y).square().sum().item(),
              x.mul(y).sum().item());
      return new BesideDifference(name, distance, "");
    }
  }

  private List<SettingDifference> settings() {
    Map<String, String> first = a.configuration();
    Map<String, String> second = b.configuration();
    Set<String> keys = new TreeSet<>(first.keySet());
    keys.addAll(second.keySet());
    List<SettingDifference> all = new ArrayList<>();
    for (String key : keys) {
      String x = first.get(key);
      String y = second.get(key);
      if (!Objects.equals(x, y)) {
        all.add(new SettingDifference(key, x, y));
      }
    }
    return all;
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    for (DetachedAdapter adapter : List.of(a, b)) {
      adapter.notes().forEach(n -> notes.add(adapter.directory() + ": " + n));
      if (adapter.usesDora()) {
        notes.add(
            adapter.directory()
                + " is DoRA: its products and magnitudes are compared by themselves, not what they"
                + " make of the base's weights");
      }
      if (adapter.changesBase()) {
        notes.add(
            adapter.directory()
                + " belongs on a base that its start has changed: its products are compared alone");
      }
    }
    return notes;
  }
}
