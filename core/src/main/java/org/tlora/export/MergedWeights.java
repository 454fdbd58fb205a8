package org.tlora.export;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.model.family.PretrainedModel;

/** The weights of a base with its adapters' products added and its changed weights put in. */
final class MergedWeights {
  private final PretrainedModel base;
  private final Model model;
  private final Map<String, Linear> adapted;
  private final Map<String, long[]> changed = new LinkedHashMap<>();

  MergedWeights(PretrainedModel base, Model model) {
    this.base = base;
    this.model = model;
    this.adapted =
        model.linears().stream()
            .filter(l -> l.adapter() != null)
            .collect(Collectors.toMap(l -> l.name() + ".weight", Function.identity()));
    try (Scope scope = new Scope()) {
      model.changedWeights().forEach((name, w) -> changed.put(name, w.shape()));
    }
  }

  /** The shapes of all weights by Hugging Face's names, tied ones once. */
  Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    base.weights().names().forEach(name -> shapes.put(name, base.weights().shape(name)));
    shapes.putAll(changed);
    return shapes;
  }

  /** One weight; owned by the caller's scope. */
  Tensor load(String name, DType type) {
    try (Scope scope = new Scope()) {
      if (changed.containsKey(name)) {
        return scope.keep(model.changedWeights().get(name).to(type));
      }
      Linear linear = adapted.get(name);
      if (linear == null) {
        return scope.keep(base.weights().load(name, type));
      }
      // the product is added to the original in float32, whatever the model computes in
      Tensor original = base.weights().load(name, DType.FLOAT32);
      return scope.keep(linear.adapter().merged(original).to(type));
    }
  }
}
