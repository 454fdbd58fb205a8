/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.UsageFault;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.model.TensorNames;
import org.tlora.pretrained.PretrainedModel;

/** The weights of a base with its adapters' products added and its changed weights put in. */
final class MergedWeights {
  private final PretrainedModel base;
  private final Model model;
  private final AdapterSet adapters;
  private final Map<String, Linear> adapted;
  private final Set<String> rounded = new HashSet<>(); // held as codes
  private final Map<String, long[]> changed = new LinkedHashMap<>();
  private final Map<String, Linear> shifted = new LinkedHashMap<>(); // by their bias

  /**
   * Looks at a model.
   *
   * @throws UsageFault if an adapter adds a bias where the base has none
   */
  MergedWeights(PretrainedModel base, Model model, AdapterSet adapters) {
    this.base = base;
    this.model = model;
    this.adapters = adapters;
    this.adapted =
        adapters.layers().stream()
            .collect(Collectors.toMap(l -> l.name() + ".weight", Function.identity()));
    model.linears().stream()
        .filter(l -> !l.codes().isEmpty())
        .forEach(l -> rounded.add(l.name() + ".weight"));
    try (Scope scope = new Scope()) {
      model.changedWeights().forEach((name, w) -> changed.put(name, w.shape()));
      for (Linear l : adapted.values()) {
        if (adapters.on(l).outputShift() != null) {
          String bias = l.name() + ".bias";
          if (!base.weights().names().contains(bias)) {
            throw new UsageFault(
                "lora_bias of " + l.name() + " cannot be merged: the base has no bias there");
          }
          shifted.put(bias, l);
        }
      }
    }
  }

  /** The shapes of all weights by Hugging Face's names, tied ones once. */
  Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    base.weights().names().forEach(name -> shapes.put(name, base.weights().shape(name)));
    shapes.putAll(changed);
    boolean becomeTwo =
        adapted.containsKey(TensorNames.TOKENS) || adapted.containsKey(TensorNames.HEAD);
    if (isTied() && (becomeTwo || shapes.containsKey(TensorNames.HEAD))) {
      shapes.put(TensorNames.HEAD, shapes.get(TensorNames.TOKENS));
    }
    return shapes;
  }

  private boolean isTied() {
    return model instanceof CausalLm lm && lm.isTied();
  }

  /** One weight; owned by the caller's scope. */
  Tensor load(String name, DType type) {
    Linear linear = adapted.get(name);
    Linear biased = shifted.get(name);
    if (linear == null && biased == null) {
      return original(name, type);
    }
    try (Scope scope = new Scope()) {
      // the product is added to the original in float32, whatever the model computes in
      Tensor original = original(name, DType.FLOAT32);
      if (linear == null) {
        return scope.keep(original.add(adapters.on(biased).outputShift()).to(type));
      }
      if (linear.isLookup()) {
        Tensor merged = adapters.on(linear).merged(original.t());
        return scope.keep(merged.t().contiguous().to(type));
      }
      return scope.keep(adapters.on(linear).merged(original).to(type));
    }
  }

  /** Without adapters. */
  private Tensor original(String name, DType type) {
    try (Scope scope = new Scope()) {
      String source = name.equals(TensorNames.HEAD) && isTied() ? TensorNames.TOKENS : name;
      Tensor w =
          changed.containsKey(source)
              ? model.changedWeights().get(source).to(type)
              : rounded.contains(source)
                  ? model.weight(source).to(type)
                  : base.weights().load(source, type);
      return scope.keep(w);
    }
  }
}
