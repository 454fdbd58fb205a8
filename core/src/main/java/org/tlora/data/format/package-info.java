/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a row of a data file means. A {@link org.tlora.data.format.Row} is a file's name, a number
 * and JSON fields; an {@link org.tlora.data.format.ExampleFormat} reads it as an {@link
 * org.tlora.data.format.Example}: an instruction, a conversation, a labelled text or a plain one.
 * {@link org.tlora.data.format.ExampleFormats} and {@link org.tlora.data.format.LabelledFormats}
 * are the lists of formats, from which one is chosen by name or by the fields of the first row;
 * {@link org.tlora.data.format.Fields} has the names that a user gives instead. {@link
 * org.tlora.data.Labels} are the classes or numbers that an encoder learns.
 *
 * <p>Nothing is dropped without a word. Each field is used, or named in the {@link
 * org.tlora.data.format.RowNotes} that the caller brings, or refused by an {@link
 * org.tlora.fault.InputFault} with file and row. Formats have no state. Notes are for one thread.
 *
 * <p>May use {@code fault}, {@code format} and {@code text.chat}; {@code data.file}, {@code
 * data.encode} and most packages above them depend on it, down to the model, which knows labels.
 */
package org.tlora.data.format;
