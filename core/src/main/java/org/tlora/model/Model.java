/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * A pretrained network that is fine-tuned: linear layers that adapters may go on, and other
 * weights. It gives hidden states, and scores or likelihoods behind them; what of that is a loss is
 * an objective's to say. Weights are frozen unless unfrozen.
 *
 * <p>What is particular to a pass, adapters among it, comes with the {@link Pass}: threads that
 * only run passes may share a model, as long as nothing changes its weights.
 */
public interface Model extends AutoCloseable {
  /** What matrix products compute in. */
  DType computeType();

  /** Where it is. */
  Device device();

  /** All linear layers that may carry an adapter, in the order of the published module list. */
  List<Linear> linears();

  /**
   * What may carry an adapter where it is named, beside {@link #linears}: a decoder's token
   * embedding and its output layer.
   */
  default List<Linear> tables() {
    return List.of();
  }

  /** All that may carry an adapter: {@link #linears}, then {@link #tables}. */
  default Stream<Linear> adaptable() {
    return Stream.concat(linears().stream(), tables().stream());
  }

  /** Number of base parameters; tied ones count once. */
  long parameterCount();

  /** Bytes of memory that all weights take. */
  long weightBytes();

  /**
   * Makes every weight trainable and returns them all, tied ones once. The model must compute in
   * float32.
   */
  List<Parameter> unfreeze();

  /**
   * Makes what is always trained beside adapters trainable and returns it: a new head; nothing
   * where the model has none.
   */
  List<Parameter> unfreezeHead();

  /** Starts the weights that the checkpoint lacks from a seed; not while they train. */
  void startHead(long seed);

  /** The names of all weights as Hugging Face has them, tied ones once. */
  List<String> weightNames();

  /**
   * A weight as dense numbers in the compute type, only to read; owned by the caller's scope. A
   * view where it is held so.
   *
   * @param name one of {@link #weightNames}
   */
  Tensor weight(String name);

  /** Every weight, as {@link #weight} gives it. */
  default Map<String, Tensor> weights() {
    Map<String, Tensor> all = new java.util.LinkedHashMap<>();
    weightNames().forEach(n -> all.put(n, weight(n)));
    return all;
  }

  /**
   * The weights that may differ from what the model was loaded from, under their names. Owned by
   * the caller's scope.
   */
  Map<String, Tensor> changedWeights();

  /**
   * Replaces a weight until {@link #restore}.
   *
   * @param name one of {@link #weightNames}, or a decoder's output layer
   * @throws org.tlora.fault.InputFault if the shape is another; tables over the vocabulary may have
   *     any number of rows
   */
  void overwrite(String name, Tensor value);

  /**
   * Replaces weights as {@link #changedWeights} of the same model gave them.
   *
   * @throws org.tlora.fault.InputFault if a shape is another
   */
  default void overwriteAll(Map<String, Tensor> values) {
    values.forEach(this::overwrite);
  }

  /** Freezes every weight and reads those that changed again. */
  void restore();

  /**
   * Whether what each linear layer sees is the tokens of the batch, one behind the other: then what
   * a row adds to gradients can be told from what others do. Where it cannot, a calibration runs
   * row by row.
   */
  default boolean keepsRowsApart() {
    return false;
  }

  /**
   * The last hidden states.
   *
   * @return [tokens, hidden], owned by the caller's scope
   */
  Variable hidden(Pass pass, Batch batch);

  /**
   * Runs the layers for the pass's observer alone, until it has seen all that it waits for.
   *
   * @param from where an earlier pass of the same batch ended, or null: the beginning
   * @param next layers that another pass will be run for; none: there is no other
   * @return what that pass can begin with, owned by the caller; null where the model begins anew
   */
  default LayerInput observe(Pass pass, Batch batch, LayerInput from, Set<Linear> next) {
    try (Scope scope = new Scope()) {
      hidden(pass, batch);
    }
    return null;
  }

  /**
   * Scores behind some hidden states: logits of tokens or of classes, or a number.
   *
   * @param hidden of {@link #hidden}
   * @param at positions in it
   * @return [places, scores] float32, owned by the caller's scope
   */
  Tensor scores(Pass pass, Variable hidden, int[] at);

  /**
   * −Σ w_i log p(class_i) / divisor, with p the softmax of {@link #scores}: the fused end of every
   * objective that is a weighted sum of log-probabilities. The way back may start from any seed.
   *
   * @param hidden of {@link #hidden}
   * @param at positions in it
   * @param classes the token or class that each is to predict
   * @param weights of each, or null: one
   * @param divisor of the whole sum
   * @return [1] float32, owned by the caller's scope
   */
  Variable negativeLogLikelihood(
      Pass pass, Variable hidden, int[] at, int[] classes, float[] weights, double divisor);

  /**
   * Σ (score_i − value_i)² / divisor, for models with a single score.
   *
   * @param values [places]
   * @return [1] float32, owned by the caller's scope
   * @throws IllegalStateException if scores are many
   */
  default Variable squaredError(
      Pass pass, Variable hidden, int[] at, double[] values, double divisor) {
    throw new IllegalStateException("this model gives no number");
  }

  @Override
  void close();
}
