/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.tlora.engine.CodedMatrix;
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
  },
  /** bitsandbytes' floats of four bits, with scales rounded too. */
  FP4 {
    @Override
    public CodedMatrix round(DenseRows dense) {
      return FourBitMatrix.of(FourBitType.FP4, dense, true);
    }
  },
  /** Whole numbers of eight bits with a scale a row, as LLM.int8 has them. */
  INT8 {
    @Override
    public CodedMatrix round(DenseRows dense) {
      return Int8Matrix.of(dense);
    }
  },
  /** ggml's blocks of 32 in four bits. */
  Q4_0 {
    @Override
    public CodedMatrix round(DenseRows dense) {
      return blocks(new Q4_0(), dense);
    }
  },
  /** ggml's blocks of 32 in eight bits. */
  Q8_0 {
    @Override
    public CodedMatrix round(DenseRows dense) {
      return blocks(new Q8_0(), dense);
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

  /** The same of a matrix in memory, which is only read. */
  public CodedMatrix round(Tensor dense) {
    return round(DenseRows.of(dense));
  }

  private static CodedMatrix blocks(WritableCode code, DenseRows dense) {
    if (dense.columns() % code.elements() != 0) {
      throw new UsageFault(
          "rows of "
              + dense.columns()
              + " numbers are not whole blocks of "
              + code.label()
              + ": take nf4, fp4 or int8");
    }
    return BlockMatrix.of(code, dense);
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
