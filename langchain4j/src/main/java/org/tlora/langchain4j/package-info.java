/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Models of this library, in the same process, as LangChain4j knows models: {@link
 * org.tlora.langchain4j.TloraChatModel}, {@link org.tlora.langchain4j.TloraStreamingChatModel} and
 * {@link org.tlora.langchain4j.TloraEmbeddingModel}.
 *
 * <p>A request becomes an {@link org.tlora.AnswerRequest}: its messages, tools and schemas go in as
 * JSON, by the model's own chat template, and the {@link org.tlora.Answer} comes back as a {@link
 * dev.langchain4j.model.chat.response.ChatResponse}. Nothing is left out in silence: what cannot be
 * done is refused with an {@link dev.langchain4j.exception.UnsupportedFeatureException} that names
 * it, what is wrong with a request is an {@link dev.langchain4j.exception.InvalidRequestException},
 * and a model that fails is an {@link dev.langchain4j.exception.InternalServerException}.
 *
 * <p>Whoever opens a {@link org.tlora.LanguageModel} closes it, after the models here that use it.
 * Any number of them share one, each with an adapter of its own if one likes. All of them are safe
 * for threads; answers are written side by side.
 *
 * <p>Uses of LangChain4j only what is not marked as internal to it, and of this project the façade
 * and what it shows.
 */
package org.tlora.langchain4j;
