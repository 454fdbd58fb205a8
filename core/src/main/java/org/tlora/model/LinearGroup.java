/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.engine.CodedMatrix;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.engine.WeightStore;
import org.tlora.fault.InputFault;
import org.tlora.model.weight.CodedWeight;
import org.tlora.model.weight.DenseWeight;
import org.tlora.model.weight.Weight;
import org.tlora.quantise.PlainMatrix;

/**
 * Linear layers that share their input (q/k/v, gate/up), as one matrix product: the weight [Σ out,
 * in] holds theirs one below the other.
 */
public final class LinearGroup implements LinearOwner, AutoCloseable {
  private Tensor bias; // or null
  private final List<Linear> linears = new ArrayList<>();
  private Weight weight;
  private WeightStore rounded; // what the weight was rounded from, or null

  private LinearGroup(Weight weight, Tensor bias) {
    this.weight = weight;
    this.bias = bias == null ? null : bias.detachFromScope();
  }

  /**
   * Loads layers that share an input.
   *
   * @param names module paths; the tensors are {@code NAME.weight} and {@code NAME.bias}
   * @param outFeatures of each
   */
  static LinearGroup load(
      WeightStore store,
      List<String> names,
      List<Long> outFeatures,
      long inFeatures,
      boolean hasBias,
      DType type) {
    long rows = outFeatures.stream().mapToLong(Long::longValue).sum();
    for (int i = 0; i < names.size(); i++) { // before anything of their size is allocated
      requireShape(store, names.get(i) + ".weight", outFeatures.get(i), inFeatures);
      if (hasBias) {
        requireShape(store, names.get(i) + ".bias", outFeatures.get(i));
      }
    }
    Optional<Weight> coded = coded(store, names, type);
    Tensor dense = coded.isPresent() ? null : Tensor.empty(store.device(), type, rows, inFeatures);
    Tensor bias = hasBias ? Tensor.empty(store.device(), type, rows) : null;
    LinearGroup group = new LinearGroup(coded.orElseGet(() -> new DenseWeight(dense)), bias);
    group.rounded = coded.isPresent() && store.rounds() ? store : null;
    long offset = 0;
    for (int i = 0; i < names.size(); i++) {
      long out = outFeatures.get(i);
      String name = names.get(i);
      try (Scope scope = new Scope()) {
        if (dense != null) {
          dense.narrow(0, offset, out).copyFrom(store.load(name + ".weight", type));
        }
        if (bias != null) {
          bias.narrow(0, offset, out).copyFrom(store.load(name + ".bias", type));
        }
      }
      group.linears.add(new Linear(name, group, offset, out));
      offset += out;
    }
    return group;
  }

  /** In the codes that it is held in, if at least one of the layers is. */
  private static Optional<Weight> coded(WeightStore store, List<String> names, DType type) {
    List<CodedMatrix> parts = new ArrayList<>();
    boolean any = false;
    try {
      for (String name : names) {
        Optional<CodedMatrix> part = store.coded(name + ".weight");
        any |= part.isPresent();
        parts.add(part.orElse(null));
      }
      if (!any) {
        return Optional.empty();
      }
      for (int i = 0; i < parts.size(); i++) {
        if (parts.get(i) == null) {
          parts.set(i, new PlainMatrix(store.load(names.get(i) + ".weight", type)));
        }
      }
      return Optional.of(new CodedWeight(parts, type));
    } catch (RuntimeException e) {
      parts.stream().filter(Objects::nonNull).forEach(CodedMatrix::close);
      throw e;
    }
  }

  /** Checks a tensor's shape before anything computes with it. */
  static void requireShape(WeightStore store, String name, long... expected) {
    long[] shape = store.shape(name);
    if (!Arrays.equals(shape, expected)) {
      throw new InputFault(
          "tensor "
              + name
              + " has shape "
              + Arrays.toString(shape)
              + " where the configuration asks for "
              + Arrays.toString(expected));
    }
  }

  List<Linear> linears() {
    return linears;
  }

  @Override
  public Tensor rows(long from, long count) {
    return weight.rows(from, count);
  }

  /** What is to have other values is held as numbers from then on. */
  @Override
  public Tensor trainable(long from, long count) {
    DenseWeight dense = DenseWeight.of(weight);
    weight = dense;
    return dense.values().narrow(0, from, count);
  }

  @Override
  public Tensor product(Tensor x, long from, long count) {
    try (Scope scope = new Scope()) {
      if (from == 0 && count == weight.outFeatures()) {
        return scope.keep(weight.product(x));
      }
      return scope.keep(x.mm(weight.rows(from, count).to(x.dtype()).t()));
    }
  }

  @Override
  public Tensor bias() {
    return bias;
  }

  @Override
  public long inFeatures() {
    return weight.inFeatures();
  }

  @Override
  public long outFeatures() {
    return weight.outFeatures();
  }

  @Override
  public DType computeType() {
    return weight.computeType();
  }

  @Override
  public Device device() {
    return weight.device();
  }

  @Override
  public Linear first(Linear one) {
    return linears.get(0);
  }

  /** Whether the weight is held as it was loaded. */
  boolean isDense() {
    return weight instanceof DenseWeight;
  }

  @Override
  public List<String> codes() {
    return weight instanceof CodedWeight coded ? coded.codes() : List.of();
  }

  @Override
  public boolean isRounded() {
    return rounded != null;
  }

  @Override
  public Tensor unrounded(Linear one) {
    return rounded == null ? null : rounded.load(one.name() + ".weight", DType.FLOAT32);
  }

  @Override
  public long bytes() {
    return weight.bytes() + (bias == null ? 0 : bias.size() * bias.dtype().bytes());
  }

  /** Holds the weight in another form from here on, adapters merged into it first. */
  void convert(BiFunction<Tensor, DType, Weight> form, AdapterSet merged) {
    Weight before = weight;
    try (Scope scope = new Scope()) {
      Tensor dense = before.rows(0, before.outFeatures());
      if (linears.stream().anyMatch(l -> merged.on(l) != null)) {
        dense = dense.to(DType.FLOAT32).copy();
        for (Linear l : linears) {
          if (merged.on(l) != null) {
            Tensor band = dense.narrow(0, l.offset(), l.outFeatures());
            band.copyFrom(merged.on(l).merged(band.copy()));
            shiftBias(l, merged.on(l).outputShift());
          }
        }
      }
      weight = form.apply(dense, before.computeType());
    }
    before.close();
  }

  private void shiftBias(Linear l, Tensor shift) {
    if (shift == null) {
      return;
    }
    if (bias == null) {
      bias = shift.newZeros(weight.computeType(), weight.outFeatures()).detachFromScope();
    }
    bias.narrow(0, l.offset(), l.outFeatures()).addInPlace(shift.to(bias.dtype()));
  }

  /**
   * All outputs side by side.
   *
   * @param x [tokens, in]
   * @return [tokens, Σ out]; owned by the caller's scope, never kept by the tape
   */
  Variable forward(Pass pass, Variable x) {
    return forward(pass, x, x.value().size(0));
  }

  /**
   * The same where an observer is shown the first inputs alone: those behind them are no tokens.
   * Gradients are those of all inputs.
   */
  Variable forward(Pass pass, Variable x, long observedRows) {
    Tape tape = pass.tape();
    boolean wantsGradient = false;
    if (pass.observer() != null) {
      try (Scope scope = new Scope()) {
        pass.observer().onInput(linears, x.value().narrow(0, 0, observedRows));
      }
      wantsGradient = tape.isOn() && pass.observer().wantsGradients(linears);
    }
    boolean weightsTrain = linears.get(0).weightParameter() != null;
    boolean record =
        tape.isOn()
            && (x.requiresGradient()
                || wantsGradient
                || weightsTrain
                || linears.stream().anyMatch(pass.adapters()::trains));
    List<Adapter.Gradient> ways = new ArrayList<>();
    Tensor y;
    try (Scope scope = new Scope()) {
      y = scope.keep(weight.product(x.value()));
      if (record || !pass.adapters().addTogether(this, x.value(), y)) {
        for (Linear l : linears) {
          ways.add(
              pass.adapters().isOn(l)
                  ? pass.adapters().forward(pass, l, x.value(), band(y, l), record)
                  : null);
        }
      }
      if (bias != null) {
        y.addInPlace(bias);
      }
    }
    Variable output = new Variable(y, record);
    if (record) {
      boolean needsInput = weightsTrain || wantsGradient;
      Tensor input = needsInput ? Tape.save(x.value()) : null;
      LinearObserver observer = wantsGradient ? pass.observer() : null;
      Tape.Backward back = dy -> backward(x, input, dy, ways, observer);
      tape.record(output, back, () -> free(input, ways));
    }
    return output;
  }

  private void backward(
      Variable x, Tensor input, Tensor dy, List<Adapter.Gradient> ways, LinearObserver observer) {
    Tensor base = baseGradient(dy, ways);
    Tensor dx = x.requiresGradient() ? weight.transposedProduct(base) : null;
    for (int i = 0; i < linears.size(); i++) {
      Linear l = linears.get(i);
      Tensor band = band(dy, l);
      Tensor ofBase = base == dy ? band : band(base, l);
      if (ways.get(i) != null) {
        ways.get(i).backward(band, ofBase, dx);
      }
      if (observer != null) {
        observer.onGradient(l, input, band);
      }
      accumulate(l.weightParameter(), () -> ofBase.t().mm(input));
      accumulate(l.biasParameter(), () -> band.sum(0, false));
    }
    if (dx != null) {
      x.accumulate(dx);
    }
  }

  private static Tensor band(Tensor all, Linear l) {
    return all.narrow(1, l.offset(), l.outFeatures());
  }

  /** ∂loss/∂(W x): dy itself, or a copy in which adapters have scaled their bands. */
  private Tensor baseGradient(Tensor dy, List<Adapter.Gradient> ways) {
    if (ways.stream().noneMatch(w -> w != null && w.scalesBase())) {
      return dy;
    }
    Tensor base = dy.copy();
    for (int i = 0; i < ways.size(); i++) {
      if (ways.get(i) != null && ways.get(i).scalesBase()) {
        ways.get(i).toBaseGradient(band(base, linears.get(i)));
      }
    }
    return base;
  }

  private static void free(Tensor input, List<Adapter.Gradient> ways) {
    if (input != null) {
      input.close();
    }
    for (Adapter.Gradient way : ways) {
      if (way != null) {
        way.close();
      }
    }
  }

  private static void accumulate(Parameter parameter, Supplier<Tensor> g) {
    if (parameter != null) {
      try (Tensor gradient = g.get()) {
        parameter.accumulate(gradient);
      }
    }
  }

  @Override
  public void close() {
    weight.close();
    if (bias != null) {
      bias.close();
    }
  }
}
