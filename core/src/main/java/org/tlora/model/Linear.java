/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Tensor;

/**
 * A linear layer y = W x + b of the model, which adapters may go on: each {@link Pass} brings its
 * own. Its weight is a band of rows of its owner's.
 *
 * <p>The token embedding is one too: its inputs are the tokens, of which exactly one is 1 at each
 * place, and column i of W is the vector of token i.
 */
public final class Linear {
  private final String name;
  private final LinearOwner owner;
  private final long offset;
  private final long bandFeatures; // 0: all of the owner's
  private Parameter weightParameter;
  private Parameter biasParameter;

  Linear(String name, LinearGroup group, long offset, long outFeatures) {
    this.name = name;
    this.owner = group;
    this.offset = offset;
    this.bandFeatures = outFeatures;
  }

  /** A layer that is all of its owner, whose size may change. */
  Linear(String name, LinearOwner owner) {
    this.name = name;
    this.owner = owner;
    this.offset = 0;
    this.bandFeatures = 0;
  }

  /** The module's path, such as {@code model.layers.0.self_attn.q_proj}. */
  public String name() {
    return name;
  }

  /** The last part of the path, such as {@code q_proj}. */
  public String type() {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Size of an input vector. */
  public long inFeatures() {
    return owner.inFeatures();
  }

  /** Size of an output vector. */
  public long outFeatures() {
    return bandFeatures > 0 ? bandFeatures : owner.outFeatures();
  }

  /**
   * Whether inputs are token ids instead of vectors: {@link Adapter#forward} gets them as [tokens]
   * then.
   */
  public boolean isLookup() {
    return owner.isLookup();
  }

  /** The token whose column of an adapter's A does not train, or −1. */
  public int untrainedToken() {
    return owner.untrainedToken();
  }

  /** The first of the linears that share its input: the same object for all of them. */
  public Linear sharesInputWith() {
    return owner.first(this);
  }

  long offset() {
    return offset;
  }

  /**
   * The weight as dense numbers, [out, in], in the compute type, only to read; owned by the
   * caller's scope. It is a view where the weight is held so, and made for this otherwise: for
   * where an adapter starts, a model is merged or written, not for computing products.
   */
  public Tensor denseWeight() {
    return denseRows(0, outFeatures());
  }

  /** The same of some rows, [count, in]. */
  public Tensor denseRows(long from, long count) {
    return owner.rows(offset + from, count);
  }

  /** Holds the weight of a name as numbers that can have other values, if it is this layer's. */
  void holdAsNumbers(String tensor) {
    if (tensor.equals(name + ".weight")) {
      owner.trainable(offset, outFeatures()).close();
    }
  }

  /**
   * x Wᵀ without bias and adapter.
   *
   * @param x [n, in]
   * @return [n, out] in the type of {@code x}, owned by the caller's scope
   */
  public Tensor product(Tensor x) {
    return owner.product(x, offset, outFeatures());
  }

  /**
   * The codes of fewer bits that its weight is held in, such as {@code nf4}; of a weight that
   * others share, all of theirs; empty where it is held as numbers.
   */
  public List<String> codes() {
    return owner.codes();
  }

  /** Whether its weight was rounded on loading, to other codes than its files have, if any. */
  public boolean isRounded() {
    return owner.isRounded();
  }

  /**
   * The weight as it is in the files, [out, in] float32, where it was rounded on loading; read anew
   * and owned by the caller's scope. Null where it was not.
   */
  public Tensor unrounded() {
    return owner.unrounded(this);
  }

  /** Bytes of its weight and bias together with those that share its input; of the first alone. */
  long bytes() {
    return sharesInputWith() == this ? owner.bytes() : 0;
  }

  /** What products are computed in. */
  public DType computeType() {
    return owner.computeType();
  }

  /** Where its weight is. */
  public Device device() {
    return owner.device();
  }

  /** The weight as something that trains, or null while it is frozen. */
  Parameter weightParameter() {
    return weightParameter;
  }

  Parameter biasParameter() {
    return biasParameter;
  }

  void freeze() {
    weightParameter = null;
    biasParameter = null;
  }

  /** Whether there is a bias. */
  boolean hasBias() {
    return owner.bias() != null;
  }

  /** A view of the bias, [out], in the compute type, or null. */
  Tensor bias() {
    return owner.bias() == null ? null : owner.bias().narrow(0, offset, outFeatures());
  }

  void unfreeze() {
    weightParameter = new Parameter(name + ".weight", owner.trainable(offset, outFeatures()));
    if (owner.bias() != null) {
      biasParameter = new Parameter(name + ".bias", bias());
    }
  }
}
