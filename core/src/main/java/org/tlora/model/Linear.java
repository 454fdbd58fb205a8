package org.tlora.model;

import org.tlora.autograd.Parameter;
import org.tlora.engine.Tensor;

/**
 * A linear layer y = W x + b of the model: a slot that may carry an adapter. Its weight is a band
 * of rows of its group's.
 */
public final class Linear {
  private final String name;
  private final LinearGroup group;
  private final int index;
  private final long offset;
  private final long outFeatures;
  private Adapter adapter;
  private Parameter weightParameter;
  private Parameter biasParameter;

  Linear(String name, LinearGroup group, int index, long offset, long outFeatures) {
    this.name = name;
    this.group = group;
    this.index = index;
    this.offset = offset;
    this.outFeatures = outFeatures;
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
    return group.inFeatures();
  }

  /** Size of an output vector. */
  public long outFeatures() {
    return outFeatures;
  }

  /** Its place among the linears that share its input. */
  public int indexInGroup() {
    return index;
  }

  /** The first of the linears that share its input: the same object for all of them. */
  public Linear sharesInputWith() {
    return group.linears().get(0);
  }

  long offset() {
    return offset;
  }

  /** A view of the weight, [out, in], in the compute type. */
  public Tensor weight() {
    return group.weight().narrow(0, offset, outFeatures);
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
    return group.bias() == null ? null : group.bias().narrow(0, offset, outFeatures);
  }

  void unfreeze() {
    weightParameter = new Parameter(name + ".weight", weight());
    if (group.bias() != null) {
      biasParameter = new Parameter(name + ".bias", bias());
    }
  }
}
