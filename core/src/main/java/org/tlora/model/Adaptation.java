/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model;

import java.util.ArrayList;
import java.util.List;
import org.tlora.autograd.Parameter;
import org.tlora.engine.Tensor;

/**
 * Which adapters a pass runs with: the same for all of its tokens, or each row of a packed batch
 * with its own.
 */
public final class Adaptation {
  /** The base alone. */
  public static final Adaptation NONE = of(AdapterMix.NONE);

  /** Neighbouring tokens that run with the same. */
  private record Run(int from, int tokens, AdapterMix mix) {}

  private final AdapterMix all; // null where rows differ
  private final List<Run> runs;
  private final JoinedAdapters joined; // or null
  private final Tensor weights; // for the joined ones; or null

  private Adaptation(AdapterMix all, List<Run> runs) {
    this(all, runs, null, null);
  }

  private Adaptation(AdapterMix all, List<Run> runs, JoinedAdapters joined, Tensor weights) {
    this.all = all;
    this.runs = runs;
    this.joined = joined;
    this.weights = weights;
  }

  /** All tokens run with one set of adapters. */
  public static Adaptation of(AdapterSet adapters) {
    return of(AdapterMix.of(adapters));
  }

  /** All tokens run with the same. */
  public static Adaptation of(AdapterMix mix) {
    return new Adaptation(mix, List.of());
  }

  /**
   * Each row with its own.
   *
   * @param rows as many as the layout has
   */
  public static Adaptation ofRows(Layout layout, List<AdapterMix> rows) {
    if (rows.size() != layout.segments().size()) {
      throw new IllegalArgumentException(
          rows.size() + " choices of adapters for " + layout.segments().size() + " rows");
    }
    Builder builder = new Builder();
    for (int i = 0; i < rows.size(); i++) {
      builder.add(layout.segments().get(i).length(), rows.get(i));
    }
    return builder.build();
  }

  /**
   * The same for a pass without a way back; where its tokens are few, adapters of one layer are
   * multiplied together. It is good within the caller's scope, until the joined ones are used for
   * another pass.
   */
  public static Adaptation ofRows(Layout layout, List<AdapterMix> rows, JoinedAdapters joined) {
    Adaptation each = ofRows(layout, rows);
    if (layout.tokens() > JoinedAdapters.MOST_TOKENS
        || rows.stream().allMatch(AdapterMix::isNone)) {
      return each;
    }
    joined.use(rows);
    return new Adaptation(each.all, each.runs, joined, joined.weights(layout, rows));
  }

  private static final class Builder {
    private final List<Run> runs = new ArrayList<>();

    void add(int tokens, AdapterMix mix) {
      Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
      if (last != null && last.mix().equals(mix)) {
        runs.set(runs.size() - 1, new Run(last.from(), last.tokens() + tokens, mix));
      } else {
        runs.add(new Run(last == null ? 0 : last.from() + last.tokens(), tokens, mix));
      }
    }

    Adaptation build() {
      return runs.size() == 1 ? of(runs.get(0).mix()) : new Adaptation(null, List.copyOf(runs));
    }
  }

  /** Whether all tokens run with the same. */
  boolean isUniform() {
    return all != null;
  }

  /** That of some of the tokens, in their order. */
  Adaptation at(int[] positions) {
    if (all != null || positions.length == 0) {
      return all != null ? this : NONE;
    }
    Builder builder = new Builder();
    int run = 0;
    for (int position : positions) {
      if (position < runs.get(run).from()) {
        run = 0; // they are not sorted
      }
      while (position >= runs.get(run).from() + runs.get(run).tokens()) {
        run++;
      }
      builder.add(1, runs.get(run).mix());
    }
    return builder.build();
  }

  /** Whether some token runs with something on a layer. */
  boolean isOn(Linear layer) {
    return all != null
        ? !all.on(layer).isEmpty()
        : runs.stream().anyMatch(run -> !run.mix().on(layer).isEmpty());
  }

  /** Whether something trains on a layer. */
  boolean trains(Linear layer) {
    return all != null ? all.trains(layer) : runs.stream().anyMatch(run -> run.mix().trains(layer));
  }

  /** What trains on a layer. */
  List<Parameter> parameters(Linear layer) {
    List<AdapterMix> mixes = all != null ? List.of(all) : runs.stream().map(Run::mix).toList();
    return mixes.stream()
        .flatMap(m -> m.on(layer).stream())
        .map(part -> part.adapters().on(layer))
        .distinct()
        .flatMap(a -> a.parameters().stream())
        .toList();
  }

  /**
   * Adds what the adapters give to all layers of a group at once, if that can be.
   *
   * @param x [tokens, in]
   * @param y [tokens, Σ out], changed in place
   */
  boolean addTogether(LinearGroup group, Tensor x, Tensor y) {
    return joined != null && joined.add(group, x, y, weights);
  }

  /**
   * Changes a layer's output in place, as {@link Adapter#forward} does for one adapter.
   *
   * @return the way back; null where there is no adapter, or {@code record} is false
   */
  Adapter.Gradient forward(Pass pass, Linear layer, Tensor input, Tensor output, boolean record) {
    if (all != null) {
      return forward(all, pass, layer, input, output, record);
    }
    List<RowGradients.Part> parts = new ArrayList<>();
    for (Run run : runs) {
      Adapter.Gradient way =
          forward(
              run.mix(),
              pass.narrow(run.from(), run.tokens()),
              layer,
              input.narrow(0, run.from(), run.tokens()),
              output.narrow(0, run.from(), run.tokens()),
              record);
      if (way != null) {
        parts.add(new RowGradients.Part(run.from(), run.tokens(), way));
      }
    }
    return parts.isEmpty() ? null : new RowGradients(parts);
  }

  private static Adapter.Gradient forward(
      AdapterMix mix, Pass pass, Linear layer, Tensor input, Tensor output, boolean record) {
    List<AdapterMix.Weighted> parts = mix.on(layer);
    if (parts.isEmpty()) {
      return null;
    }
    if (parts.size() == 1 && parts.get(0).weight() == 1) {
      return parts.get(0).adapters().on(layer).forward(pass, layer, input, output, record);
    }
    return MixedGradient.forward(parts, pass, layer, input, output, record);
  }
}
