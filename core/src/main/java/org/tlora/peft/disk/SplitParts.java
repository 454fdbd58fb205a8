/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

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
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.disk.AdapterKeys.Module;
import org.tlora.peft.disk.AdapterKeys.Part;

/**
 * Adapters of q/k/v and gate/up as layers of their own, for a model in which they are one (Phi 3):
 * together they are one adapter of the joined layer, whose rank is the sum of theirs and whose B
 * holds theirs on its diagonal.
 */
final class SplitParts {
  private record Band(String module, long offset, long outFeatures) {}

  private record Found(Band band, Module tensors) {}

  private final Linear layer;
  private final List<Band> bands = new ArrayList<>();
  private final List<Found> found = new ArrayList<>();

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
    Band last = bands.isEmpty() ? null : bands.get(bands.size() - 1);
    bands.add(new Band(module, last == null ? 0 : last.offset() + last.outFeatures(), outFeatures));
  }

  /** Takes the tensors that belong to the parts out of a file's; whether there are any. */
  boolean takeFrom(AdapterKeys keys) {
    for (Band band : bands) {
      Module tensors = keys.take(band.module());
      if (!tensors.isEmpty()) {
        found.add(new Found(band, tensors));
      }
    }
    return !found.isEmpty();
  }

  /**
   * The joined layer's adapter.
   *
   * @throws InputFault if a part does not fit
   */
  StoredLayer join(Safetensors file, PeftConfig config) {
    if (config.usesDora() || config.isAdaLora() || config.usesBias()) {
      throw new InputFault(
          "adapters of "
              + found.get(0).band().module()
              + " and its like can be joined for LoRA alone, not with use_dora, lora_bias or AdaLoRA");
    }
    try (Scope scope = new Scope()) {
      List<Tensor> a = new ArrayList<>();
      List<Tensor> b = new ArrayList<>();
      for (Found f : found) {
        Band band = f.band();
        config.requireTargeted(band.module(), f.tensors().path());
        if (!f.tensors().tensors().keySet().equals(Set.of(Part.A, Part.B))) {
          throw new InputFault(
              "adapter of "
                  + band.module()
                  + ": "
                  + String.join(", ", f.tensors().tensors().values())
                  + " are not one lora_A and one lora_B");
        }
        Tensor partA = file.load(f.tensors().name(Part.A), DType.FLOAT32);
        Tensor partB = file.load(f.tensors().name(Part.B), DType.FLOAT32);
        boolean fits =
            partA.dim() == 2
                && partB.dim() == 2
                && partA.size(1) == layer.inFeatures()
                && partB.size(0) == band.outFeatures()
                && partA.size(0) == partB.size(1);
        if (!fits) {
          throw new InputFault(
              "adapter of " + band.module() + ": " + partA + " and " + partB + " do not fit");
        }
        long rank = partA.size(0);
        long configured = config.rank(band.module(), f.tensors().path());
        if (configured >= 0 && configured != rank) {
          throw new InputFault(
              "adapter of "
                  + band.module()
                  + ": rank "
                  + configured
                  + ", its tensors have "
                  + rank);
        }
        Tensor rows = partB.newZeros(DType.FLOAT32, layer.outFeatures(), partB.size(1));
        rows.narrow(0, band.offset(), band.outFeatures())
            .copyFrom(partB.mul(config.scaling(rank, band.module(), f.tensors().path())));
        a.add(partA);
        b.add(rows);
      }
      return new StoredLayer(
          scope.keep(Tensor.cat(a, 0)), scope.keep(Tensor.cat(b, 1)), null, null, 1, 0);
    }
  }
}
