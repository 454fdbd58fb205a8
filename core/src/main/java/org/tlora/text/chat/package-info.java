/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Chat templates: an evaluator of Jinja as the models' templates use it, equal to transformers' own
 * environment (Jinja2's sandbox with blocks trimmed, loop controls and generation marks). A {@link
 * org.tlora.text.chat.Conversation} of {@link org.tlora.text.chat.Message}s comes into a {@link
 * org.tlora.text.chat.ChatTemplate}, and the text that the model is to see comes out, with where in
 * it each turn was written as far as that can be told ({@code TurnMarks}). {@link
 * org.tlora.text.chat.TemplateFamily} knows some families by name.
 *
 * <p>A source goes through {@code Lexer}, {@code TemplateParser} and {@code ScopeAnalysis} once;
 * {@code Interpreter} renders it. Python's values are Java's: {@code null} is None, {@code
 * Boolean}, {@code BigInteger}, {@code Double}, {@code String}, {@code List}, and classes of this
 * package for the others. What Jinja2 refuses is refused; nothing is passed over. Templates come
 * from strangers, so a count of steps bounds what a rendering may cost, at the same place on every
 * machine.
 *
 * <p>A template may be used by several threads; a rendering has its state to itself. May use {@code
 * fault} and {@code format}; row formats, encoders of conversations, loaded models, export,
 * MT-Bench and the command line depend on it.
 */
package org.tlora.text.chat;
