/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The blocks that GGUF files are written in, one class each behind {@link
 * org.tlora.quantise.block.BlockCode}: how a block's bytes become float32, and, where it is a {@link
 * org.tlora.quantise.block.WritableCode}, how numbers are rounded to one. A new one is a class here
 * and a line in {@code format.GgufType}.
 *
 * <p>Bytes and numbers go in and out as arrays that the caller owns. Nothing is kept, and any number
 * of threads may call. Values equal those of ggml's reference to the bit.
 *
 * <p>Uses nothing; {@code quantise} and {@code format} depend on it.
 */
package org.tlora.quantise.block;
