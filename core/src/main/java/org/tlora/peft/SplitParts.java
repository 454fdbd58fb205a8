package org.tlora.peft;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Safetensors;
import org.tlora.model.CausalLm;
import org.tlora.model.DecoderConfig;
import org.tlora.model.Linear;
import org.tlora.model.Model;

/**
 * Adapters of q/k/v and gate/up as layers of their own, for a model in which they are one (Phi 3):
 * together they are one adapter of the joined layer, whose rank is the sum of theirs and whose B
 * holds theirs on its diagonal.
 */
final class SplitParts {
  private record Part(String module, long offset, long outFeatures) {
    String tensor(String kind) {
      return AdapterDirectory.PREFIX + module + kind;
    }
  }

  private final Linear layer;
  private final List<Part> parts = new ArrayList<>();

  private SplitParts(Linear layer) {
    this.layer = layer;
  }

  /** What a layer is split into elsewhere; no parts for layers that are none. */
  static SplitParts of(Linear layer, Model model) {
    SplitParts split = new SplitParts(layer);
    if (!(model instanceof CausalLm decoder)) {
      return split;
    }
    DecoderConfig c = decoder.config();
    long head = c.attention().headDim();
    if (c.fused() && layer.type().equals("qkv_proj")) {
      split.add("q_proj", c.attention().heads() * head);
      split.add("k_proj", c.attention().keyValueHeads() * head);
      split.add("v_proj", c.attention().keyValueHeads() * head);
    } else if (c.fused() && layer.type().equals("gate_up_proj")) {
      split.add("gate_proj", c.intermediateSize());
      split.add("up_proj", c.intermediateSize());
    }
    return split;
  }

  private void add(String type, long outFeatures) {
    String module = layer.name().substring(0, layer.name().lastIndexOf('.') + 1) + type;
    Part last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
    parts.add(new Part(module, last == null ? 0 : last.offset() + last.outFeatures(), outFeatures));
  }

  private List<Part> present(Set<String> names) {
    return parts.stream().filter(p -> names.contains(p.tensor(".lora_A.weight"))).toList();
  }

  /** The tensors of a file that belong to the parts. */
  List<String> tensors(Set<String> names) {
    List<String> used = new ArrayList<>();
    for (Part p : present(names)) {
      used.add(p.tensor(".lora_A.weight"));
      used.add(p.tensor(".lora_B.weight"));
    }
    return used;
  }

  /**
   * The joined layer's adapter.
   *
   * @throws InputFault if a part does not fit
   */
  StoredLayer join(Safetensors file, PeftConfig config) {
    if (config.usesDora() || config.isAdaLora()) {
      throw new InputFault(
          "adapters of " + parts.get(0).module() + " and its like can be joined for LoRA alone");
    }
    try (Scope scope = new Scope()) {
      List<Tensor> a = new ArrayList<>();
      List<Tensor> b = new ArrayList<>();
      for (Part p : present(file.names())) {
        Tensor partA = file.load(p.tensor(".lora_A.weight"), DType.FLOAT32);
        Tensor partB = file.load(p.tensor(".lora_B.weight"), DType.FLOAT32);
        boolean fits =
            partA.dim() == 2
                && partB.dim() == 2
                && partA.size(1) == layer.inFeatures()
                && partB.size(0) == p.outFeatures()
                && partA.size(0) == partB.size(1);
        if (!fits) {
          throw new InputFault(
              "adapter of " + p.module() + ": " + partA + " and " + partB + " do not fit");
        }
        Tensor rows = Tensor.zeros(DType.FLOAT32, layer.outFeatures(), partB.size(1));
        rows.narrow(0, p.offset(), p.outFeatures())
            .copyFrom(partB.mul(config.scaling(p.module(), partA.size(0))));
        a.add(partA);
        b.add(rows);
      }
      return new StoredLayer(
          scope.keep(Tensor.cat(a, 0)), scope.keep(Tensor.cat(b, 1)), null, null, 1, 0);
    }
  }
}
