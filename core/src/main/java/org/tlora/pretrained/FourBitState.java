/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.engine.DType;
import org.tlora.fault.InputFault;
import org.tlora.quantise.FourBitMatrix;
import org.tlora.quantise.FourBitType;

/**
 * What bitsandbytes writes beside a matrix in four bits, in its {@code quant_state}.
 *
 * @param blockSize numbers that share a scale
 * @param type what numbers are given back in
 * @param nestedBlockSize scales that share one of the second kind; 0: they are not quantised
 * @param nestedOffset what is added to scales
 */
record FourBitState(
    FourBitType levels,
    int blockSize,
    DType type,
    long rows,
    long columns,
    int nestedBlockSize,
    float nestedOffset) {
  private static final Set<String> KEYS =
      Set.of(
          "quant_type",
          "blocksize",
          "dtype",
          "shape",
          "nested_blocksize",
          "nested_dtype",
          "nested_offset");
  private static final int LARGEST_BLOCK = 1 << 16;

  /**
   * Reads it.
   *
   * @param levels that its tensor's name says
   * @param where names it in messages
   * @throws InputFault if it is not whole, or has something that is not known
   */
  static FourBitState of(ObjectNode json, FourBitType levels, String where) {
    Set<String> others = new TreeSet<>();
    json.fieldNames().forEachRemaining(others::add);
    others.removeAll(KEYS);
    require(others.isEmpty(), where, "has fields that are not known: " + others);
    String said = json.path("quant_type").asText();
    require(said.equals(levels.label()), where, "says quant_type '" + said + "'");
    JsonNode shape = json.path("shape");
    long rows = shape.path(0).asLong();
    long columns = shape.path(1).asLong();
    require(
        shape.size() == 2 && rows > 0 && columns > 0,
        where,
        "has shape " + shape + ", which is no matrix");
    require(
        rows <= Integer.MAX_VALUE / columns,
        where,
        "has shape " + shape + ", which is no matrix that fits");
    int block = size(json.path("blocksize"), where, "blocksize");
    require(block % 2 == 0, where, "has blocksize " + block + ", which is odd");
    boolean nested = json.has("nested_blocksize");
    JsonNode offset = json.path("nested_offset");
    if (nested) {
      String of = json.path("nested_dtype").asText();
      require(of.equals("float32"), where, "has nested_dtype '" + of + "'; float32 is known");
      require(
          offset.isNumber() && Float.isFinite((float) offset.asDouble()),
          where,
          "has nested_offset " + offset);
    } else {
      require(
          offset.isMissingNode() && !json.has("nested_dtype"),
          where,
          "has nested fields without nested_blocksize");
    }
    return new FourBitState(
        levels,
        block,
        type(json.path("dtype").asText(), where),
        rows,
        columns,
        nested ? size(json.path("nested_blocksize"), where, "nested_blocksize") : 0,
        (float) offset.asDouble());
  }

  private static int size(JsonNode said, String where, String field) {
    int size = said.isIntegralNumber() && said.canConvertToInt() ? said.asInt() : 0;
    require(size > 0 && size <= LARGEST_BLOCK, where, "has " + field + " " + said);
    return size;
  }

  private static DType type(String name, String where) {
    return switch (name) {
      case "float32" -> DType.FLOAT32;
      case "bfloat16" -> DType.BFLOAT16;
      case "float16" -> DType.FLOAT16;
      default -> throw new InputFault(where + " has dtype '" + name + "'");
    };
  }

  private static void require(boolean condition, String where, String what) {
    if (!condition) {
      throw new InputFault(where + " " + what);
    }
  }

  /** Numbers of the matrix. */
  long numbers() {
    return rows * columns;
  }

  /** Blocks of it. */
  long blocks() {
    return (numbers() + blockSize - 1) / blockSize;
  }

  /** Bytes of memory that its codes and scales take. */
  long bytes() {
    return FourBitMatrix.bytes(numbers(), blockSize, nestedBlockSize);
  }

  /** Scales of the second kind. */
  long nestedBlocks() {
    return (blocks() + nestedBlockSize - 1) / nestedBlockSize;
  }
}
