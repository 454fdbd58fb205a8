/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

/**
 * What one request may ask for.
 *
 * @param usualTokens of an answer, where the request does not say
 * @param mostTokens of an answer
 * @param mostAnswers to one request
 */
public record BodyLimits(int usualTokens, int mostTokens, int mostAnswers) {}
