/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Text to token ids and back. {@link org.tlora.text.Tokenizer} is made of a {@code tokenizer.json},
 * or of what {@link org.tlora.text.GgufTokenizer} rebuilds from a GGUF file's metadata; {@link
 * org.tlora.text.GgufVocabulary} goes the other way. Encoding gives ids, ids with their places in
 * the text ({@link org.tlora.text.TokenSpans}), or two texts as one row ({@link
 * org.tlora.text.TextPair}). {@link org.tlora.text.PromptTemplate} is what surrounds an instruction
 * where no chat template does; {@link org.tlora.text.HalfLetters} finds lone halves of surrogate
 * pairs, for which no tokenizer has tokens; {@link org.tlora.text.PrintableText} makes texts of
 * files harmless to show.
 *
 * <p>The native library decides what a text becomes ({@code NativeTokenizer}). Once a tokenizer has
 * seen some text, it cuts what follows at places where the tokenizer always cuts ({@code Pieces})
 * and remembers what became of the parts ({@code PieceEncoder}).
 *
 * <p>A tokenizer holds native memory and belongs to whoever made it, who closes it. Every
 * definition goes through {@link org.tlora.text.guard.TokenizerCheck} first. Ids go out as plain
 * arrays; tensors are made of them further up.
 *
 * <p>May use {@code fault}, {@code format} and {@code text.guard}; data, loaded models, generation,
 * evaluation, export and what is built of them depend on it.
 */
package org.tlora.text;
