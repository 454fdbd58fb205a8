/* SPDX-License-Identifier: Apache-2.0 */
/**
 * OpenAI's API as JSON: {@link org.tlora.serve.api.ChatBody} and {@link
 * org.tlora.serve.api.CompletionBody} read what is asked for, {@link
 * org.tlora.serve.api.ChatAnswers} and {@link org.tlora.serve.api.CompletionAnswers} write what
 * came of it, and an {@link org.tlora.serve.api.ApiException} is an error as clients of that API
 * know it. What is not known is ignored, as the API does; what is known and cannot be done is
 * refused.
 *
 * <p>May use {@code fault}, {@code format}, {@code generate} and the façade.
 */
package org.tlora.serve.api;
