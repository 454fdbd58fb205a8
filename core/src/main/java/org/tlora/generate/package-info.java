/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Text from a decoder. A {@link org.tlora.generate.GenerationRequest} has the prompt's ids, how to
 * choose tokens ({@link org.tlora.generate.Sampling}), what ends the text ({@link
 * org.tlora.generate.StopWords}) and which adapters it runs with; a {@link
 * org.tlora.generate.Generation} is what comes of it. {@link org.tlora.generate.Likelihood} instead
 * says how likely a decoder finds given texts behind a prompt.
 *
 * <p>A {@link org.tlora.generate.Scheduler} runs many requests side by side: their new tokens share
 * the matrix products, and each attends to its own keys and values. Any thread may submit or cancel
 * one at any time; a single thread computes, either the scheduler's own or the one that calls
 * {@code runAll}. {@link org.tlora.generate.Generator} is the simple form of it, in the calling
 * thread. A text depends on its own request, seed and stream, and not on what runs beside it. Keys
 * and values stay within a limit: requests wait for room, and prefixes that were computed before
 * are kept in what is left. A {@link org.tlora.generate.GenerationListener} is told of one text as
 * it grows, on the thread that generates, and should return soon.
 *
 * <p>The scheduler owns keys and values; model, tokenizer and adapters stay their caller's, and
 * adapters in use are held until the texts that need them are through. May use {@code autograd},
 * {@code engine}, {@code fault}, {@code model} and {@code text}; evaluation, reports, the
 * quickstart and the command line depend on it.
 */
package org.tlora.generate;
