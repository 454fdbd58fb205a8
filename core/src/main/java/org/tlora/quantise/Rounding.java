/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.Coding;
import org.tlora.engine.DenseRows;
import org.tlora.engine.Int8Matrix;
import org.tlora.engine.Tensor;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.quantise.block.Q4_0;
import org.tlora.quantise.block.Q8_0;
import org.tlora.quantise.block.WritableCode;

/** What a dense matrix can be rounded to; a new one is a line here. */
public enum Rounding {
  /** bitsandbytes' normal floats of four bits, with scales rounded too, as QLoRA does. */
  NF4 {
    @Override
    public CodedMatrix round(DenseRows dense) {
      return FourBitMatrix.of(FourBitType.NF4, dense, true);
    }

    @Override
    public Coding coding(long rows, long columns) {
      return FourBitMatrix.coding(FourBitType.NF4, rows, columns);
    }
  },
  /** bitsandbytes' floats of four bits, with scales rounded too. */
  FP4 {
    @Override
    public CodedMatrix round(DenseRows dense) {
      return FourBitMatrix.of(FourBitType.FP4, dense, true);
    }

    @Override
    public Coding coding(long rows, long columns) {
      return FourBitMatrix.coding(FourBitType.FP4, rows, columns);
    }
  },
  /** Whole numbers of eight bits with a scale a row, as LLM.int8 has them. */
  INT8 {
    @Override
    public CodedMatrix round(DenseRows dense) {
      return Int8Matrix.of(dense);
    }

    @Override
    public Coding coding(long rows, long columns) {
      return Int8Matrix.coding(rows, columns);
    }
  },
  /** ggml's blocks of 32 in four bits. */
  Q4_0 {
    @Override
    public CodedMatrix round(DenseRows dense) {
      return blocks(new Q4_0(), dense);
    }

    @Override
    public Coding coding(long rows, long columns) {
      return blocks(new Q4_0(), rows, columns);
    }
  },
  /** ggml's blocks of 32 in eight bits. */
  Q8_0 {
    @Override
    public CodedMatrix round(DenseRows dense) {
      return blocks(new Q8_0(), dense);
    }

    @Override
    public Coding coding(long rows, long columns) {
      return blocks(new Q8_0(), rows, columns);
    }
  };

  /**
   * A matrix in fewer bits.
   *
   * @param dense rows of any float type
   * @return owned by the caller
   * @throws UsageFault if rows are no whole blocks
   */
  public abstract CodedMatrix round(DenseRows dense);

  /**
   * What a matrix of so many rows and columns would be held in.
   *
   * @throws UsageFault if rows are no whole blocks
   */
  public abstract Coding coding(long rows, long columns);

  /** The same of a matrix in memory, which is only read. */
  public CodedMatrix round(Tensor dense) {
    return round(DenseRows.of(dense));
  }

  private static CodedMatrix blocks(WritableCode code, DenseRows dense) {
    requireWhole(code, dense.columns());
    return BlockMatrix.of(code, dense);
  }

  private static Coding blocks(WritableCode code, long rows, long columns) {
    requireWhole(code, columns);
    return new Coding(code.label(), rows * (columns / code.elements()) * code.bytes());
  }

  private static void requireWhole(WritableCode code, long columns) {
    if (columns % code.elements() != 0) {
      throw new UsageFault(
          "rows of "
              + columns
              + " numbers are not whole blocks of "
              + code.label()
              + ": take nf4, fp4 or int8");
    }
  }

  /** The name in options. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All names. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(Rounding::label).toList();
  }

  /**
   * The one of a name.
   *
   * @throws UsageFault if there is none
   */
  public static Rounding named(String label) {
    return Arrays.stream(values())
        .filter(r -> r.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`quantize` must be one of "
                        + String.join(", ", labels())
                        + ", not "
                        + label
                        + Nearest.question(label, labels())));
  }
}
