/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Calls of tools, as models write them. A {@link org.tlora.toolcall.ToolCallFormat} is one way of
 * writing them, known by the model's chat template; {@link org.tlora.toolcall.ToolCallFormats}
 * finds it. It reads {@link org.tlora.generate.ToolCall}s back from a text, and says what a call
 * may be made of, so that {@link org.tlora.toolcall.CallConstraint} holds a model to it from where
 * a call begins.
 *
 * <p>May use {@code constrain}, {@code fault}, {@code format}, {@code generate}, {@code text} and
 * {@code text.chat}.
 */
package org.tlora.toolcall;
