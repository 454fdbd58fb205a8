/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;

/** A checkpoint's tensors that its architecture computes with, under the architecture's names. */
final class OwnTensors implements WeightStore {
  /** Buffers that old files have and that every program computes for itself. */
  private static final Pattern HARMLESS =
      Pattern.compile(
          "(.*\\.)?(rotary_emb\\.(inv_freq|cos_cached|sin_cached)|position_ids|token_type_ids"
              + "|num_batches_tracked|(attn|attention)\\.(bias|masked_bias))");

  private final WeightStore raw;
  private final Map<String, String> rawNames = new LinkedHashMap<>();
  private final List<String> unused = new ArrayList<>();

  /**
   * A part of a checkpoint.
   *
   * @param wanted the architecture's names
   * @param rawNames what the checkpoint calls tensors, by the architecture's names
   */
  OwnTensors(WeightStore raw, Set<String> wanted, Map<String, String> rawNames) {
    this.raw = raw;
    rawNames.forEach(
        (own, name) -> {
          if (wanted.contains(own)) {
            this.rawNames.put(own, name);
          }
        });
    Set<String> used = new HashSet<>(this.rawNames.values());
    for (String name : raw.names()) {
      if (!used.contains(name) && !HARMLESS.matcher(name).matches()) {
        unused.add(name);
      }
    }
  }

  /** Tensors of the checkpoint that nothing computes with, by its names. */
  List<String> unused() {
    return unused;
  }

  @Override
  public Set<String> names() {
    return rawNames.keySet();
  }

  @Override
  public long[] shape(String name) {
    return raw.shape(rawName(name));
  }

  @Override
  public Tensor load(String name, DType type) {
    return raw.load(rawName(name), type);
  }

  @Override
  public Tensor loadRows(String name, long from, long count, DType type) {
    return raw.loadRows(rawName(name), from, count, type);
  }

  @Override
  public boolean isCoded(String name) {
    return raw.isCoded(rawName(name));
  }

  @Override
  public Optional<CodedMatrix> coded(String name) {
    return raw.coded(rawName(name));
  }

  @Override
  public Optional<Stored> stored(String name) {
    return raw.stored(rawName(name));
  }

  private String rawName(String name) {
    String found = rawNames.get(name);
    if (found == null) {
      throw new InputFault("the model's weights have no tensor " + name);
    }
    return found;
  }

  @Override
  public void close() {
    raw.close();
  }
}
