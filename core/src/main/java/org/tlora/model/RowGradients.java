/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import org.tlora.engine.Tensor;

/** The way back through a layer on which rows have different adapters. */
final class RowGradients implements Adapter.Gradient {
  /** That of neighbouring tokens. */
  record Part(int from, int tokens, Adapter.Gradient way) {
    Tensor of(Tensor all) {
      return all.narrow(0, from, tokens);
    }
  }

  private final List<Part> parts;

  RowGradients(List<Part> parts) {
    this.parts = parts;
  }

  @Override
  public boolean scalesBase() {
    return parts.stream().anyMatch(p -> p.way().scalesBase());
  }

  @Override
  public void toBaseGradient(Tensor gradient) {
    for (Part p : parts) {
      if (p.way().scalesBase()) {
        p.way().toBaseGradient(p.of(gradient));
      }
    }
  }

  @Override
  public void backward(Tensor outputGradient, Tensor baseGradient, Tensor inputGradient) {
    for (Part p : parts) {
      Tensor dy = p.of(outputGradient);
      Tensor base = baseGradient == outputGradient ? dy : p.of(baseGradient);
      p.way().backward(dy, base, inputGradient == null ? null : p.of(inputGradient));
    }
  }

  @Override
  public void close() {
    parts.forEach(p -> p.way().close());
  }
}
