/* SPDX-License-Identifier: Apache-2.0 */
/** Models of this library as LangChain4j's: {@link org.tlora.langchain4j.TloraChatModel}. */
@SuppressWarnings("requires-transitive-automatic") // LangChain4j's jars say no name of their own
module org.tlora.langchain4j {
  requires transitive org.tlora;
  requires transitive langchain4j.core;

  exports org.tlora.langchain4j;
}
