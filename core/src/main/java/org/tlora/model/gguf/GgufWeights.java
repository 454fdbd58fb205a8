/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.gguf;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;
import org.tlora.format.Gguf;
import org.tlora.model.DecoderConfig;
import org.tlora.model.DecoderConfig.NormPlacement;
import org.tlora.model.TensorNames;
import org.tlora.model.family.GgufLayout;
import org.tlora.quantise.BlockMatrix;

/** A GGUF file's tensors under Hugging Face's names, as Hugging Face stores them. */
public final class GgufWeights implements WeightStore {
  private static final Map<String, String> LAYER_NAMES =
      Map.ofEntries(
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.qkv_proj", "attn_qkv"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.gate_up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"),
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("pre_feedforward_layernorm", "ffn_norm"),
          Map.entry("post_feedforward_layernorm", "post_ffw_norm"));

  /** Names outside layers. */
  private static final Map<String, String> NAMES =
      Map.of(
          "model.embed_tokens", "token_embd",
          "model.norm", "output_norm",
          "lm_head", "output");

  /** Read with the configuration. */
  private static final Set<String> OF_ROPE =
      Set.of("rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight");

  private final Gguf file;
  private final Map<String, String> hubToGguf = new LinkedHashMap<>();
  private final GgufLayout layout;
  private final long heads;
  private final long keyHeads;

  /**
   * The tensors of a file, which is closed with these.
   *
   * @param layout how the file's family is stored
   * @throws InputFault if the file has fewer tensors than the configuration layers
   */
  public GgufWeights(Gguf file, GgufLayout layout, DecoderConfig config) {
    this.file = file;
    this.layout = layout;
    this.heads = config.attention().heads();
    this.keyHeads = config.attention().keyValueHeads();
    if (config.layers() > file.names().size()) {
      throw new InputFault(
          "the GGUF file names " + config.layers() + " layers, more than it has tensors");
    }
    boolean normsAfter = config.norm().placement() != NormPlacement.BEFORE;
    for (String hub : TensorNames.of(config)) {
      String gguf = ggufName(hub, normsAfter);
      if (gguf != null && file.names().contains(gguf)) {
        hubToGguf.put(hub, gguf);
      }
    }
  }

  /** The file's tensors that the family does not compute with, by the file's names. */
  public List<String> unused() {
    List<String> unused = new ArrayList<>(file.names());
    unused.removeAll(new HashSet<>(hubToGguf.values()));
    unused.removeAll(OF_ROPE);
    return unused;
  }

  /**
   * The name in a GGUF file of a tensor of Hugging Face's; null if there is none.
   *
   * @param normsAfter whether the family has norms behind its branches
   */
  public static String ggufName(String hub, boolean normsAfter) {
    int dot = hub.lastIndexOf('.');
    String module = hub.substring(0, dot);
    String kind = hub.substring(dot);
    if (NAMES.containsKey(module)) {
      return NAMES.get(module) + kind;
    }
    String[] parts = module.split("\\.", 4); // model.layers.N.REST
    if (parts.length < 4 || !module.startsWith("model.layers.")) {
      return null;
    }
    String rest =
        parts[3].equals("post_attention_layernorm")
            ? (normsAfter ? "post_attention_norm" : "ffn_norm")
            : LAYER_NAMES.get(parts[3]);
    return rest == null ? null : "blk." + parts[2] + "." + rest + kind;
  }

  @Override
  public Set<String> names() {
    return hubToGguf.keySet();
  }

  private String gguf(String name) {
    String g = hubToGguf.get(name);
    if (g == null) {
      throw new InputFault("the GGUF file has no tensor for " + name);
    }
    return g;
  }

  @Override
  public long[] shape(String name) {
    return file.shape(gguf(name));
  }

  @Override
  public Tensor load(String name, DType type) {
    if (isInterleaved(name)) {
      try (Scope scope = new Scope()) {
        Tensor stored = file.load(gguf(name), type);
        long[] order = hubOrder(name, stored.shape());
        return scope.keep(
            stored.indexSelect(0, Tensor.ofLongs(stored.device(), order, order.length)));
      }
    }
    Tensor t = file.load(gguf(name), type);
    return layout.normsPlusOne() && name.endsWith("norm.weight") ? t.addInPlace(-1) : t;
  }

  @Override
  public boolean isCoded(String name) {
    return file.isCoded(gguf(name));
  }

  /** A row is whole blocks, so that rows can change places. */
  @Override
  public Optional<CodedMatrix> coded(String name) {
    Optional<BlockMatrix> stored = file.blocks(gguf(name));
    if (stored.isEmpty() || !isInterleaved(name)) {
      return stored.map(b -> b);
    }
    try (BlockMatrix before = stored.get()) {
      return Optional.of(before.inOrder(hubOrder(name, shape(name))));
    }
  }

  @Override
  public Optional<Stored> stored(String name) {
    return file.stored(gguf(name));
  }

  private boolean isInterleaved(String name) {
    return layout.interleavedRotary() && (isQueries(name) || name.contains(".k_proj."));
  }

  private static boolean isQueries(String name) {
    return name.contains(".q_proj.");
  }

  /**
   * The file's row that comes to each of the model's: [heads, headDim/2, 2] in the file, [heads, 2,
   * headDim/2] in the model.
   */
  private long[] hubOrder(String name, long[] shape) {
    long groups = isQueries(name) ? heads : keyHeads;
    if (groups < 1 || shape.length == 0 || shape[0] == 0 || shape[0] % (2 * groups) != 0) {
      throw new InputFault(
          "the GGUF file's tensor for " + name + " cannot be divided by " + groups + " heads");
    }
    int rows = Math.toIntExact(shape[0]);
    int half = Math.toIntExact(rows / groups / 2);
    long[] order = new long[rows];
    for (int row = 0; row < rows; row++) {
      int head = row / (2 * half);
      int place = row % (2 * half);
      order[row] = head * 2L * half + place % half * 2L + place / half;
    }
    return order;
  }

  @Override
  public void close() {
    file.close();
  }
}
