/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Fine-tuning of language models: {@link org.tlora.LanguageModel} is where to begin.
 *
 * <p>Parquet's own jars cannot be modules: a program that is one, and reads Parquet, leaves them on
 * the class path and starts with {@code --add-reads org.tlora.core=ALL-UNNAMED}.
 */
module org.tlora {
  requires transitive org.tlora.core;
  requires transitive org.tlora.evaluate;
  requires com.fasterxml.jackson.databind;

  exports org.tlora;
}
