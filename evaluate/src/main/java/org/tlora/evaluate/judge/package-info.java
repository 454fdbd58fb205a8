/* SPDX-License-Identifier: Apache-2.0 */
/**
 * MT-Bench: answers to conversations of two turns, judged by another model. {@link
 * org.tlora.evaluate.judge.MtBench} answers the questions with a local decoder, has each answer
 * rated, or has it compared with another model's answers in both orders. {@link
 * org.tlora.evaluate.judge.JudgePrompts} are the published prompts; {@link
 * org.tlora.evaluate.judge.ChatEndpoint} is the judge, behind an address that speaks OpenAI's
 * protocol.
 *
 * <p>Rows of the published files come in; samples and a score as JSON go out. Every answer and
 * every judgement goes to a {@link org.tlora.evaluate.SampleLog} at once, so that what was paid for
 * is not asked again. Answers are generated in the calling thread. Judging waits for a network, so
 * several requests run at a time, on threads that end with the call. A request is repeated where
 * that can help. The key goes into the request's header and is written nowhere.
 *
 * <p>May use {@code data.format}, {@code evaluate}, {@code fault}, {@code
 * format}, {@code generate}, {@code text} and {@code text.chat}; only the command line depends on it.
 */
package org.tlora.evaluate.judge;
