/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Matrices in fewer bits, one class a form behind {@link org.tlora.engine.CodedMatrix}: {@link
 * org.tlora.quantise.BlockMatrix} has the blocks of a GGUF file as they are there, {@link
 * org.tlora.quantise.FourBitMatrix} bitsandbytes' NF4 and FP4, {@link
 * org.tlora.engine.Int8Matrix} whole numbers of eight bits with a scale for each row, and {@link
 * org.tlora.quantise.PlainMatrix} numbers as they are, for what stands between coded ones. {@link
 * org.tlora.quantise.Rounding} lists what a dense matrix can be rounded to, by the names that
 * {@code --quantize} takes.
 *
 * <p>Codes are in native memory that the matrix owns and closes. Numbers come out as float32, equal
 * to the bit to those of the programs that the codes are of, and are rounded from there. Any number
 * of threads may expand rows at once; a long band is divided over threads here.
 *
 * <p>May use {@code engine}, {@code fault} and {@code quantise.block}; {@code format} reads such
 * matrices from files, and {@code model.weight} computes with them.
 */
package org.tlora.quantise;
