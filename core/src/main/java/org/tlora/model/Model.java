package org.tlora.model;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Variable;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;

/**
 * A pretrained network that is fine-tuned: linear layers that adapters may go on, other weights,
 * and a loss. Weights are frozen unless unfrozen.
 */
public sealed interface Model extends AutoCloseable permits CausalLm, SequenceClassifier {
  /** What matrix products compute in. */
  DType computeType();

  /** Whether layers are run again on the way back instead of keeping what they computed. */
  void setRecompute(boolean recompute);

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
  default long parameterCount() {
    try (Scope scope = new Scope()) {
      return weights().values().stream().mapToLong(Tensor::size).sum();
    }
  }

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

  /**
   * Every weight under its Hugging Face name, tied ones once: views of what the model computes
   * with, owned by the caller's scope.
   */
  Map<String, Tensor> weights();

  /** The names of {@link #weights}. */
  default List<String> weightNames() {
    try (Scope scope = new Scope()) {
      return List.copyOf(weights().keySet());
    }
  }

  /**
   * The weights that may differ from what the model was loaded from, under their names. Owned by
   * the caller's scope.
   */
  Map<String, Tensor> changedWeights();

  /**
   * Replaces a weight until {@link #restore}.
   *
   * @param name one of {@link #weights}, or a decoder's output layer
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

  /** Takes out all adapters, freezes every weight and reads those that changed again. */
  void restore();

  /**
   * The last hidden states.
   *
   * @return [tokens, hidden], owned by the caller's scope
   */
  Variable hidden(Pass pass, Batch batch);

  /** Runs the layers for the pass's observer alone, until it has seen all that it waits for. */
  void observe(Pass pass, Batch batch);

  /**
   * Σ loss over the batch's targets / divisor. It is the root of a pass.
   *
   * @param hidden of {@link #hidden}
   * @param divisor usually the number of targets of the whole optimizer step
   */
  Variable loss(Pass pass, Variable hidden, Batch batch, double divisor);

  @Override
  void close();
}
