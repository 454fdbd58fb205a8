/**
 * Chat templates: an evaluator of Jinja as the models' templates use it, equal to transformers' own
 * environment (Jinja2's sandbox with blocks trimmed, loop controls and generation marks).
 *
 * <p>A source goes through {@code Lexer}, {@code TemplateParser} and {@code ScopeAnalysis} once;
 * {@code Interpreter} renders it. Python's values are Java's: {@code null} is None, {@code
 * Boolean}, {@code BigInteger}, {@code Double}, {@code String}, {@code List}, and classes of this
 * package for the others. What Jinja2 refuses is refused; nothing is passed over.
 */
package org.tlora.text.chat;
