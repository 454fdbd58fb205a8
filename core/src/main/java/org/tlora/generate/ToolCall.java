/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

/**
 * A call that a model asks for.
 *
 * @param name of the function
 * @param arguments a JSON object
 */
public record ToolCall(String name, String arguments) {}
