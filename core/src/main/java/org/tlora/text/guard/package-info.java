/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What must not reach the native tokenizer library. That library panics on some definitions, and a
 * panic ends the process; others it understands by guessing. {@link
 * org.tlora.text.guard.TokenizerCheck} looks through a {@code tokenizer.json} before it is handed
 * over and throws an {@link org.tlora.fault.InputFault} that names the part: a regular expression
 * that can match nothing, a map of characters that points outside of itself, a part of a type that
 * is not known.
 *
 * <p>JSON comes in, and nothing comes out where all is well. Nothing is changed or kept, so any
 * thread may call it.
 *
 * <p>May use only {@code fault}; only {@code text} depends on it, which checks every definition
 * that it loads.
 */
package org.tlora.text.guard;
