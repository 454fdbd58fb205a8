package org.tlora.model;

import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.engine.Tensor;

/** What a fine-tuning method adds to a linear layer. */
public interface Adapter extends AutoCloseable {
  /** What trains, in a fixed order. */
  List<Parameter> parameters();

  /**
   * Changes the layer's output in place.
   *
   * @param input [tokens, in]
   * @param output [tokens, out], the base layer's; a view that may be strided
   * @param record whether a way back is needed
   * @return the way back, or null if {@code record} is false
   */
  Gradient forward(Pass pass, Linear linear, Tensor input, Tensor output, boolean record);

  /** The weight [out, in] float32 that base and adapter have together; owned by the caller. */
  Tensor merged(Tensor weight);

  @Override
  void close();

  /** The way back through an adapter; closing it frees what it kept. */
  interface Gradient extends AutoCloseable {
    /**
     * Adds to the gradients of the parameters, and to that of the input.
     *
     * @param outputGradient [tokens, out], only to read
     * @param inputGradient [tokens, in] to be added to, or null if nobody wants it
     */
    void backward(Tensor outputGradient, Tensor inputGradient);

    @Override
    void close();
  }
}
