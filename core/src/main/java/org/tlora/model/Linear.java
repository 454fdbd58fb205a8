package org.tlora.model;

import org.tlora.autograd.Parameter;
import org.tlora.engine.Tensor;

/**
 * A linear layer y = W x + b of the model: a slot that may carry an adapter. Its weight is a band
 * of rows of its owner's.
 *
 * <p>The token embedding is one too: its inputs are the tokens, of which exactly one is 1 at each
 * place, and column i of W is the vector of token i.
 */
public final class Linear {
  private final String name;
  private final LinearOwner owner;
  private final int index;
  private final long offset;
  private final long bandFeatures; // 0: all of the owner's
  private Adapter adapter;
  private Parameter weightParameter;
  private Parameter biasParameter;

  Linear(String name, LinearGroup group, int index, long offset, long outFeatures) {
    this.name = name;
    this.owner = group;
    this.index = index;
    this.offset = offset;
    this.bandFeatures = outFeatures;
  }

  /** A layer that is all of its owner, whose size may change. */
  Linear(String name, LinearOwner owner) {
    this.name = name;
    this.owner = owner;
    this.index = 0;
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

  /** Whether there is an adapter with something that trains. */
  boolean adapterTrains() {
    return adapter != null && !adapter.parameters().isEmpty();
  }

  /** Its place among the linears that share its input. */
  public int indexInGroup() {
    return index;
  }

  /** The first of the linears that share its input: the same object for all of them. */
  public Linear sharesInputWith() {
    return owner.first(this);
  }

  long offset() {
    return offset;
  }

  /** A view of the weight, [out, in], in the compute type. */
  public Tensor weight() {
    Tensor all = owner.weight();
    return bandFeatures > 0 ? all.narrow(0, offset, bandFeatures) : all.alias();
  }

  /** The adapter, or null. */
  public Adapter adapter() {
    return adapter;
  }

  /** Puts an adapter in (null: takes it out), closing the one that was there. */
  public void attach(Adapter replacement) {
    if (adapter != null) {
      adapter.close();
    }
    adapter = replacement;
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

  /** A view of the bias, [out], in the compute type, or null. */
  Tensor bias() {
    return owner.bias() == null ? null : owner.bias().narrow(0, offset, bandFeatures);
  }

  void unfreeze() {
    weightParameter = new Parameter(name + ".weight", weight());
    if (owner.bias() != null) {
      biasParameter = new Parameter(name + ".bias", bias());
    }
  }
}
