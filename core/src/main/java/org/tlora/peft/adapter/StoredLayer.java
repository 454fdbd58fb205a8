/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.adapter;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.model.Linear;

/**
 * What an adapter directory holds for a layer. Tensors are float32 and owned by this.
 *
 * @param a [rank, in]
 * @param b [out, rank]
 * @param bias of B, [out], or null
 * @param e AdaLoRA's singular values [rank, 1], or null
 * @param magnitude DoRA's m, [out], or null
 * @param scaling s
 * @param fixedRank see {@link LoraFactors}
 */
public record StoredLayer(
    Tensor a, Tensor b, Tensor bias, Tensor e, Tensor magnitude, double scaling, long fixedRank)
    implements AutoCloseable {
  /** Owns the tensors from here on. */
  public StoredLayer {
    a.detachFromScope();
    b.detachFromScope();
    if (bias != null) {
      bias.detachFromScope();
    }
    if (e != null) {
      e.detachFromScope();
    }
    if (magnitude != null) {
      magnitude.detachFromScope();
    }
  }

  /** A layer without a bias of B. */
  public StoredLayer(
      Tensor a, Tensor b, Tensor e, Tensor magnitude, double scaling, long fixedRank) {
    this(a, b, null, e, magnitude, scaling, fixedRank);
  }

  /** The adapter of a table that is projected onto, of one of the table that is looked up in. */
  public StoredLayer turned() {
    return new StoredLayer(
        b.t().contiguous().copy(), a.t().contiguous().copy(), null, null, scaling, fixedRank);
  }

  /** The same on a device. */
  public StoredLayer to(Device device) {
    return new StoredLayer(
        on(device, a),
        on(device, b),
        on(device, bias),
        on(device, e),
        on(device, magnitude),
        scaling,
        fixedRank);
  }

  private static Tensor on(Device device, Tensor t) {
    return t == null ? null : t.to(device);
  }

  /** All tensors that there are. */
  public List<Tensor> tensors() {
    return Stream.of(a, b, bias, e, magnitude).filter(Objects::nonNull).toList();
  }

  /**
   * Makes sure that this is A and B alone.
   *
   * @throws InputFault if it is another method's
   */
  public void requirePlain(String method) {
    if (magnitude != null) {
      throw new InputFault(
          "the adapter has lora_magnitude_vector, which is DoRA's; use `method` dora, not "
              + method);
    }
    if (bias != null) {
      throw new InputFault("the adapter has lora_B.bias, which no method trains: merge it first");
    }
    if (e != null) {
      throw new InputFault(
          "the adapter has lora_E, which is AdaLoRA's; use `method` adalora, not " + method);
    }
  }

  /**
   * Makes sure that this is A and B alone and all of it trains.
   *
   * @throws InputFault if it is another method's
   */
  public void requireNothingFixed(String method) {
    requirePlain(method);
    if (fixedRank > 0) {
      throw new InputFault(
          "the adapter holds what its method took out of the base; go on with that method, not "
              + method);
    }
  }

  /**
   * An ordinary adapter that starts from these weights, all of which train but the fixed ones.
   *
   * @throws InputFault if it is not A and B alone
   */
  public PeftAdapter resumed(String method, Linear layer, double dropout) {
    requirePlain(method);
    Tensor aCopy = a.copy();
    if (fixedRank > 0) {
      return LowRankAdapter.resumed(layer.name(), aCopy, b.copy(), fixedRank, scaling, dropout);
    }
    return new LowRankAdapter(layer.name(), aCopy, b.copy(), scaling, dropout, true);
  }

  /**
   * An ordinary LoRA of the whole product, of which A may be frozen; owned by the caller.
   *
   * @throws InputFault if a part of it was fixed while it trained
   */
  public PeftAdapter resumedWhole(String method, Linear layer, double dropout, boolean trainsA) {
    requireNothingFixed(method);
    return new LowRankAdapter(layer.name(), a.copy(), b.copy(), scaling, dropout, trainsA);
  }

  /**
   * As {@link #resumed}; where nothing is fixed yet, the product that the adapter starts with is
   * taken out of the base.
   */
  public PeftAdapter resumedOutOfBase(String method, Linear layer, double dropout) {
    requirePlain(method);
    if (fixedRank > 0) {
      return resumed(method, layer, dropout);
    }
    return LowRankAdapter.outOfBase(layer.name(), a.copy(), b.copy(), scaling, dropout);
  }

  /** A, with AdaLoRA's singular values multiplied in; owned by the caller's scope. */
  public Tensor rows() {
    return e == null ? a.copy() : a.mul(e);
  }

  /** An adapter for inference, whatever method made it; owned by the caller. */
  public PeftAdapter inference(Linear layer) {
    try (Scope scope = new Scope()) {
      Tensor bCopy = b.copy();
      if (bias != null) {
        return LowRankAdapter.withBias(layer.name(), rows(), bCopy, bias.copy(), scaling);
      }
      if (magnitude != null) {
        return new DoraAdapter(layer, rows(), bCopy, magnitude.copy(), scaling, 0);
      }
      return new LowRankAdapter(layer.name(), rows(), bCopy, scaling, 0, false);
    }
  }

  @Override
  public void close() {
    tensors().forEach(Tensor::close);
  }
}
