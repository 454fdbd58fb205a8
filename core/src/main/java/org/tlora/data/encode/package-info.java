/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Examples to what a model learns from. A {@link org.tlora.data.encode.RowEncoder} makes an {@link
 * org.tlora.data.Encoded} of an example: token ids, and what is to be predicted at which of them.
 * {@link org.tlora.data.encode.ExampleEncoder} is for decoders, with {@link
 * org.tlora.data.encode.ConversationEncoder} for what goes through a chat template; {@link
 * org.tlora.data.encode.LabelEncoder} is for encoders. {@link org.tlora.data.encode.DataSet} does
 * it for whole files and keeps what was noticed on the way.
 *
 * <p>Rows are encoded as their file is read, which happens once; only where nobody says which
 * labels there are does {@link org.tlora.data.encode.LabelScan} look through the files before.
 * Encoded rows stay in memory up to a bound and go to a temporary file beyond it ({@link
 * org.tlora.data.encode.EncodedRows}); whoever read a data set owns it and closes it. {@link
 * org.tlora.data.encode.RowOrder} says in which order an epoch sees the rows, by its seed alone;
 * {@link org.tlora.data.encode.WeightedRows} repeats rows of files that weigh more. {@link
 * org.tlora.data.encode.RowPreview} shows rows through the same code as training takes. {@link
 * org.tlora.data.encode.RowsSurvey} goes through all rows and says what they come to, of which it
 * holds no more than digests and counts. An objective that wants more of a row brings its own kind
 * of {@code Encoded} and the encoder that makes it.
 *
 * <p>May use {@code data.file}, {@code data.format}, {@code engine}, {@code fault}, {@code format},
 * {@code text} and {@code text.chat}; the model takes its batches from here, and objectives,
 * calibration, training, evaluation and whole jobs depend on it.
 */
package org.tlora.data.encode;
