/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Models and adapters behind OpenAI's HTTP API. A {@link org.tlora.serve.Server} has one base in
 * memory and any number of adapters, each a model of its own for clients; what is asked of them is
 * generated side by side.
 *
 * <p>A request goes through {@code Api}, which checks who asks and finds the endpoint; an endpoint
 * reads the body by {@code serve.api}, and {@code TextRun} lets the model answer and sends what
 * comes, whole or in pieces. {@code ServedModels} are the names and what they stand for; {@code
 * Admission} bounds what is under way.
 *
 * <p>May use {@code fault}, {@code format}, {@code generate}, {@code run}, {@code serve.api},
 * {@code serve.http} and the façade.
 */
package org.tlora.serve;
