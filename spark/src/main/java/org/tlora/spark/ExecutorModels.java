/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.tlora.LanguageModel;
import org.tlora.LanguageModelLoader;

/**
 * The models of this executor. Spark gives a task no other place to leave something for the next
 * than the virtual machine itself, and a model takes longer to load than a partition to run; so it
 * stays until the executor ends.
 */
final class ExecutorModels {
  private static final Map<Key, LanguageModel> LOADED = new ConcurrentHashMap<>();

  private ExecutorModels() {}

  /** What makes two tasks share a model. */
  record Key(String model, String adapter, String dtype, int textsAtOnce) implements Serializable {}

  /** The model, loaded where no task has before. */
  static LanguageModel of(Key key) {
    return LOADED.computeIfAbsent(key, ExecutorModels::load);
  }

  private static LanguageModel load(Key key) {
    LanguageModelLoader loader =
        LanguageModel.of(key.model()).dtype(key.dtype()).textsAtOnce(key.textsAtOnce());
    return key.adapter().isEmpty() ? loader.load() : loader.adapter(key.adapter()).load();
  }
}
