/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Bytes of files to tensors and JSON, and back. {@link org.tlora.engine.WeightStore} is named
 * tensors on disk, whatever the format: {@link org.tlora.format.Safetensors}, the shards of a
 * Hugging Face directory ({@link org.tlora.format.ShardedSafetensors}) or a {@link
 * org.tlora.format.Gguf} file. {@link org.tlora.format.FiniteWeights} and {@link
 * org.tlora.format.DeviceWeights} wrap one: the first refuses numbers that are not finite, the
 * second brings tensors to a device. {@link org.tlora.format.GgufWriter} and the {@code write}
 * methods go the other way.
 *
 * <p>Opening a store reads what is in front of the tensors: names, shapes, metadata. {@code load}
 * reads one tensor into memory of its own, converted to the type that is asked for, and the caller
 * or its scope owns it; the store stays open until it is closed. Files are read by position and not
 * mapped. Every size that a file claims is checked against the file before anything is allocated,
 * and what is wrong with it is an {@link org.tlora.fault.InputFault}.
 *
 * <p>{@link org.tlora.format.Json} reads and writes JSON. {@link org.tlora.format.AtomicFiles}
 * writes files that are there whole or not at all, also after a loss of power, and {@link
 * org.tlora.format.OwnFiles} keeps names in a directory from leading out of it. May use {@code
 * engine} and {@code fault}; every package that reads or writes files depends on it.
 */
package org.tlora.format;
