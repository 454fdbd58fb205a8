/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What an answer may be made of. A {@link org.tlora.constrain.Grammar} has rules over bytes; {@link
 * org.tlora.constrain.JsonGrammar} and {@link org.tlora.constrain.SchemaGrammar} write those of
 * JSON and of a JSON Schema, {@link org.tlora.constrain.PatternGrammar} those of a regular
 * expression. An {@link org.tlora.constrain.Automaton} follows a grammar byte by byte, and {@link
 * org.tlora.constrain.AllowedTokens} says which tokens of a vocabulary can come next at each of its
 * states: that is what a {@link org.tlora.generate.Constraint} of generation is made of.
 *
 * <p>May use {@code fault}, {@code format}, {@code generate} and {@code text}.
 */
package org.tlora.constrain;
