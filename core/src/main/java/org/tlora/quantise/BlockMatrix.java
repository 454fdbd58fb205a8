/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.quantise;

import java.nio.ByteBuffer;
import org.tlora.engine.DType;
import org.tlora.engine.DenseRows;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.quantise.block.BlockCode;
import org.tlora.quantise.block.WritableCode;

/** A matrix of which each row is whole blocks of a code of GGUF files. */
public final class BlockMatrix extends Codes {
  private final BlockCode code;
  private final Tensor blocks; // [rows, bytes of a row] uint8
  private final ByteBuffer bytes;
  private final int rowBytes;

  /**
   * Takes ownership of blocks.
   *
   * @param blocks [rows, bytes of a row] uint8
   */
  public BlockMatrix(BlockCode code, Tensor blocks) {
    super(blocks.size(0), blocks.size(1) / code.bytes() * code.elements());
    this.code = code;
    this.blocks = blocks.detachFromScope();
    this.rowBytes = Math.toIntExact(blocks.size(1));
    this.bytes = blocks.bytes();
  }

  /**
   * Rounds a matrix.
   *
   * @param dense rows of whole blocks, of any float type
   */
  public static BlockMatrix of(WritableCode code, DenseRows dense) {
    int columns = Math.toIntExact(dense.columns());
    int rowBytes = columns / code.elements() * code.bytes();
    Tensor blocks = Tensor.empty(Device.CPU, DType.UINT8, dense.rows(), rowBytes);
    ByteBuffer target = blocks.bytes();
    Runs.each(
        dense,
        columns,
        (row, values, length) -> {
          byte[] encoded = new byte[rowBytes];
          code.encode(values, encoded);
          target.put(Math.toIntExact(row * rowBytes), encoded);
        });
    return new BlockMatrix(code, blocks);
  }

  @Override
  public String code() {
    return code.label();
  }

  @Override
  public long bytes() {
    return blocks.size();
  }

  @Override
  RowReader reader() {
    byte[] in = new byte[rowBytes];
    int count = rowBytes / code.bytes();
    return (row, numbers) -> {
      bytes.get(Math.toIntExact(row * rowBytes), in);
      code.decode(in, count, numbers);
    };
  }

  @Override
  public boolean isFinite() {
    byte[] block = new byte[code.bytes()];
    for (int at = 0; at < bytes.capacity(); at += block.length) {
      bytes.get(at, block);
      if (!code.isFinite(block, 0)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The same rows in another order, in memory of its own.
   *
   * @param order the row that comes to each place
   */
  public BlockMatrix inOrder(long[] order) {
    try (Scope scope = new Scope()) {
      Tensor index = Tensor.ofLongs(blocks.device(), order, order.length);
      return new BlockMatrix(code, blocks.indexSelect(0, index));
    }
  }

  @Override
  public void close() {
    blocks.close();
  }
}
