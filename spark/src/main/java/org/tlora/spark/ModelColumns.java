/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.tlora.fault.UsageFault;

/** What Transformers that use a model have in common: which it is. */
abstract class ModelColumns extends Transformer {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final Param<String> model;
  private final Param<String> adapter;
  private final Param<String> dtype;
  private final Param<Integer> batchSize;

  ModelColumns(String uid) {
    this.uid = uid;
    model = new Param<>(uid, "model", "a directory, a .gguf file, or owner/name on the hub");
    adapter = new Param<>(uid, "adapter", "a directory, or an id of the hub; empty: none");
    dtype = new Param<>(uid, "dtype", "auto, float32 or bfloat16");
    batchSize = new Param<>(uid, "batchSize", "rows that are run side by side");
  }

  /** To be called once all parameters are there: Spark looks at all of them then. */
  final void setModelDefaults() {
    set(adapter, "");
    set(dtype, "auto");
    set(batchSize, 16);
  }

  @Override
  public final String uid() {
    return uid;
  }

  /** A directory, a .gguf file, or owner/name on the hub, as executors see it. */
  public Param<String> model() {
    return model;
  }

  /** A directory, or an id of the hub; empty: none. */
  public Param<String> adapter() {
    return adapter;
  }

  /** auto, float32 or bfloat16. */
  public Param<String> dtype() {
    return dtype;
  }

  /** Rows that are run side by side. */
  public Param<Integer> batchSize() {
    return batchSize;
  }

  /** The value of a parameter that must be there. */
  final <T> T required(Param<T> param) {
    if (get(param).isEmpty()) {
      throw new UsageFault("`" + param.name() + "` is missing");
    }
    return get(param).get();
  }

  final ExecutorModels.Key key() {
    return new ExecutorModels.Key(
        required(model), required(adapter), required(dtype), required(batchSize));
  }

  @Override
  public Transformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
