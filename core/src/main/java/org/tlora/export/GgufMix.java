/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.format.GgufStorage;

/**
 * What the tensors of a GGUF file are written as. Files of one type have it in all matrices; the
 * mixtures of K-quants give more bits to those that lose most, as llama.cpp's quantise does for
 * models of dense layers: the output layer has six bits, and of values and of the feed-forward
 * network's way down some layers, or the first ones, have more than the others.
 */
public enum GgufMix {
  /** Float32. */
  F32(0, GgufStorage.F32),
  /** Float16. */
  F16(1, GgufStorage.F16),
  /** Bfloat16. */
  BF16(32, GgufStorage.BF16),
  /** Eight bits. */
  Q8_0(7, GgufStorage.Q8_0),
  /** Four bits. */
  Q4_0(2, GgufStorage.Q4_0),
  /** Four bits, more in the first layers. */
  Q4_K_S(14, GgufStorage.Q4_K),
  /** Four bits, more in half of the layers. */
  Q4_K_M(15, GgufStorage.Q4_K),
  /** Five bits. */
  Q5_K_S(16, GgufStorage.Q5_K),
  /** Five bits, more in half of the layers. */
  Q5_K_M(17, GgufStorage.Q5_K),
  /** Six bits. */
  Q6_K(18, GgufStorage.Q6_K);

  private static final Pattern OF_LAYER = Pattern.compile("blk\\.(\\d+)\\.(\\w+)\\.weight");

  private final int fileType;
  private final GgufStorage usual;

  GgufMix(int fileType, GgufStorage usual) {
    this.fileType = fileType;
    this.usual = usual;
  }

  /** Whether matrices have fewer than sixteen bits a number. */
  public boolean isRounded() {
    return this != F32 && this != F16 && this != BF16;
  }

  /** What {@code general.file_type} says of such a file. */
  int fileType() {
    return fileType;
  }

  /**
   * The mixture of a name.
   *
   * @throws UsageFault if there is none
   */
  public static GgufMix named(String name) {
    return Arrays.stream(values())
        .filter(m -> m.name().equals(name.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`type` "
                        + name
                        + " is not known; known are "
                        + String.join(", ", names())
                        + Nearest.question(name, names())));
  }

  private static List<String> names() {
    return Arrays.stream(values()).map(Enum::name).toList();
  }

  /**
   * What a tensor is written as.
   *
   * @param name as GGUF has it
   * @param layers of the model
   * @param isOutput whether hidden states are projected onto it
   */
  GgufStorage of(String name, long[] shape, int layers, boolean isOutput) {
    if (shape.length < 2) {
      return GgufStorage.F32;
    }
    return fitting(wanted(name, layers, isOutput), shape[shape.length - 1]);
  }

  private GgufStorage wanted(String name, int layers, boolean isOutput) {
    boolean mixed = usual == GgufStorage.Q4_K || usual == GgufStorage.Q5_K;
    if (!mixed) {
      return usual;
    }
    if (isOutput) {
      return GgufStorage.Q6_K;
    }
    Matcher m = OF_LAYER.matcher(name);
    return m.matches() ? ofLayer(Integer.parseInt(m.group(1)), m.group(2), layers) : usual;
  }

  private GgufStorage ofLayer(int layer, String kind, int layers) {
    return switch (this) {
      case Q4_K_M, Q5_K_M ->
          switch (kind) {
            case "attn_v", "ffn_down" -> isFavoured(layer, layers) ? GgufStorage.Q6_K : usual;
            case "attn_qkv" -> this == Q4_K_M ? GgufStorage.Q5_K : GgufStorage.Q6_K;
            default -> usual;
          };
      case Q4_K_S ->
          switch (kind) {
            case "attn_v" -> layer < 4 ? GgufStorage.Q5_K : usual;
            case "ffn_down" -> layer < layers / 8 ? GgufStorage.Q5_K : usual;
            default -> usual;
          };
      default -> usual;
    };
  }

  /** The first and the last eighth of the layers, and of those between every third. */
  private static boolean isFavoured(int layer, int layers) {
    return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
  }

  /** The type, or one of about as many bits whose blocks fit rows of that many numbers. */
  private static GgufStorage fitting(GgufStorage wanted, long columns) {
    if (wanted.fits(columns)) {
      return wanted;
    }
    GgufStorage smaller =
        switch (wanted) {
          case Q4_K -> GgufStorage.Q5_0;
          case Q5_K -> GgufStorage.Q5_1;
          case Q6_K -> GgufStorage.Q8_0;
          default -> GgufStorage.F16;
        };
    return smaller.fits(columns) ? smaller : GgufStorage.F16;
  }
}
