/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Files of rows. {@link org.tlora.data.file.DataFile} names a file with its weight and columns;
 * {@link org.tlora.data.file.RowFiles} opens it, undoes compression, and hands each {@link
 * org.tlora.data.format.Row} to a {@link org.tlora.data.file.RowSink}, on the thread that asked.
 * There is a {@code RowReader} for each format: JSONL and JSON, CSV and TSV, Parquet, plain text.
 * The ending of the name chooses it; one that says nothing is read as JSON.
 *
 * <p>Files are streamed, and only the row at hand is held. A sink is told of bad rows by place and
 * reason, and decides itself whether that is a fault; it throws {@link org.tlora.data.file.RowStop}
 * when it has enough. Formats that store columns apart read only those that somebody wants. A file
 * that somebody changes while it is read is a fault.
 *
 * <p>May use {@code data.format}, {@code fault}, {@code format} and {@code text}; encoding,
 * evaluation, whole jobs and the command line depend on it.
 */
package org.tlora.data.file;
