/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.tlora.autograd.Tape;
import org.tlora.collective.Collective;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
import org.tlora.model.Adaptation;
import org.tlora.model.Batch;
import org.tlora.model.Linear;
import org.tlora.model.LinearObserver;
import org.tlora.model.Model;
import org.tlora.objective.Forward;

/**
 * Looks for the principal components of layers' inputs, a batch of samples after the other and
 * round again, until those that layers would get stay as they are. What a batch adds depends on
 * those before it, so processes do not share the samples: each goes through all of them, and the
 * first one's components are taken.
 */
final class ComponentSearch implements LinearObserver, AutoCloseable {
  /** A component that has not come to rest by then never will. */
  private static final int MOST_ROUNDS = 100;

  private final Model model;
  private final List<Linear> targets;
  private final List<? extends Encoded> samples;
  private final Calibration.Plan plan;
  private final ComponentRule rule;
  private final Map<Linear, IncrementalComponents> found = new LinkedHashMap<>();
  private final Set<Linear> moving = new LinkedHashSet<>(); // inputs that still are looked at
  private final Map<Linear, List<Tensor>> held = new LinkedHashMap<>(); // of a batch in parts
  private Map<Linear, Integer> ranks = new LinkedHashMap<>();
  private Set<Linear> waitedFor = Set.of();
  private Tensor places; // of the pass's tokens that count, or null: all
  private boolean whole; // whether the pass is a batch
  private int batches;

  ComponentSearch(
      Model model, List<Linear> targets, List<? extends Encoded> samples, Calibration.Plan plan) {
    this.model = model;
    this.targets = targets;
    this.samples = samples;
    this.plan = plan;
    rule = plan.components();
    for (Linear l : targets) {
      Linear input = l.sharesInputWith();
      found.computeIfAbsent(input, i -> new IncrementalComponents(rule.of(i)));
      moving.add(input);
      ranks.put(l, rule.of(input));
    }
  }

  /**
   * The components of each input; owned by the caller.
   *
   * @param afterSample is told how many samples of the first round are done
   * @throws RunFault if they do not settle, or an input is not finite
   */
  Map<Linear, InputComponents> run(IntConsumer afterSample) {
    int size = plan.gradientBatchSize();
    boolean meta = targets.get(0).device().isMeta();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      for (int from = 0; from < samples.size(); from += size) {
        int to = Math.min(samples.size(), from + size);
        if (isSettled()) {
          return taken();
        }
        batch(samples.subList(from, to));
        if (round == 0) {
          afterSample.accept(to);
        }
        if (plan.stop().isRequested()) {
          throw new RunFault("interrupted while calibrating, before there was anything to save");
        }
        plan.processes().works();
      }
      requireEnoughTokens();
      if (meta) {
        return taken();
      }
    }
    throw new RunFault(
        "the principal components of inputs have not settled after "
            + MOST_ROUNDS
            + " rounds of the samples: use more samples, or a lower `evaTau`");
  }

  /** How many batches were gone through. */
  int batches() {
    return batches;
  }

  private void requireEnoughTokens() {
    for (Map.Entry<Linear, IncrementalComponents> e : found.entrySet()) {
      if (!e.getValue().isKnown()) {
        throw new RunFault(
            "no batch of "
                + plan.gradientBatchSize()
                + " calibration samples has "
                + rule.of(e.getKey())
                + " supervised tokens, as many as components are looked for: raise"
                + " `calibrationBatchSize`, or lower `evaRho` or `rank`");
      }
    }
  }

  /**
   * Decides who is looked at: an input whose wanted components all stayed rests, until it is to
   * give one more that has not.
   */
  private boolean isSettled() {
    Map<Linear, Integer> wanted = new LinkedHashMap<>();
    ranks.forEach((l, rank) -> wanted.merge(l.sharesInputWith(), rank, Math::max));
    moving.clear();
    found.forEach(
        (input, components) -> {
          double[] cosines = components.cosines();
          int n = Math.min(wanted.get(input), cosines.length);
          if (!Arrays.stream(cosines).limit(n).allMatch(c -> c >= rule.settled())) {
            moving.add(input);
          }
        });
    return moving.isEmpty();
  }

  private void batch(List<? extends Encoded> rows) {
    whole = model.keepsRowsApart();
    if (whole) {
      pass(rows);
    } else {
      rows.forEach(r -> pass(List.of(r)));
      held.forEach(
          (input, parts) -> {
            try (Scope scope = new Scope()) {
              add(input, Tensor.cat(parts, 0));
            }
            parts.forEach(Tensor::close);
          });
      held.clear();
    }
    batches++;
    if (found.values().stream().allMatch(IncrementalComponents::isKnown)) {
      Map<Linear, double[]> ratios = new LinkedHashMap<>();
      found.forEach((input, c) -> ratios.put(input, c.ratios()));
      ranks = rule.ranks(targets, ratios);
    }
  }

  private void pass(List<? extends Encoded> rows) {
    waitedFor = new HashSet<>(targets);
    waitedFor.removeIf(l -> !moving.contains(l.sharesInputWith()));
    Forward forward = new Forward(model, Tape.off(), Adaptation.NONE, this, null, false);
    try (Scope scope = new Scope()) {
      long[] counted = counted(rows);
      places = Tensor.ofLongs(targets.get(0).device(), counted, counted.length);
      Batch batch = Batch.of(rows);
      model.observe(forward.pass(batch), batch, null, Set.of());
    } finally {
      places = null;
    }
  }

  /** Where the packed rows' own labels are; of a row with one label for all of it, everywhere. */
  private static long[] counted(List<? extends Encoded> rows) {
    List<Long> all = new ArrayList<>();
    int offset = 0;
    for (Encoded row : rows) {
      for (int i = 0; i < row.ids().length; i++) {
        boolean counts = !(row instanceof LearnedTokens t) || t.labels()[i] != Encoded.IGNORED;
        if (counts) {
          all.add((long) offset + i);
        }
      }
      offset += row.ids().length;
    }
    return all.stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public void onInput(List<Linear> linears, Tensor input) {
    linears.forEach(waitedFor::remove);
    Linear key = linears.get(0).sharesInputWith();
    if (!moving.contains(key)) {
      return;
    }
    try (Scope scope = new Scope()) {
      Tensor x = input.indexSelect(0, places);
      if (whole) {
        add(key, x);
      } else {
        held.computeIfAbsent(key, k -> new ArrayList<>())
            .add(x.to(DType.FLOAT32).copy().detachFromScope());
      }
    }
  }

  private void add(Linear input, Tensor x) {
    if (x.size(0) < rule.of(input)) {
      return; // a batch too short to have that many, as in HF PEFT
    }
    if (!x.device().isMeta() && !x.isFinite()) {
      throw new RunFault(
          "calibration batch "
              + (batches + 1)
              + ": the input of "
              + input.name()
              + " is not finite");
    }
    found.get(input).add(x);
  }

  @Override
  public void onGradient(Linear linear, Tensor input, Tensor outputGradient) {}

  @Override
  public boolean wantsGradients(List<Linear> linears) {
    return false;
  }

  @Override
  public boolean hasSeenAll() {
    return waitedFor.isEmpty();
  }

  private Map<Linear, InputComponents> taken() {
    Map<Linear, InputComponents> all = new LinkedHashMap<>();
    found.forEach((input, c) -> all.put(input, c.found()));
    Collective processes = plan.processes();
    if (processes.isGroup()) {
      // the same to the bit, whatever each one's processor rounds
      all.replaceAll((input, c) -> ofFirst(processes, c));
    }
    return all;
  }

  private static InputComponents ofFirst(Collective processes, InputComponents own) {
    try (Scope scope = new Scope()) {
      Device device = own.directions().device();
      int n = own.ratios().length;
      Tensor sigma = Tensor.ofDoubles(device, own.singularValues(), n);
      Tensor ratios = Tensor.ofDoubles(device, own.ratios(), n);
      processes.broadcast(List.of(own.directions(), sigma, ratios), 0);
      return new InputComponents(own.directions(), sigma.toDoubles(), ratios.toDoubles());
    }
  }

  @Override
  public void close() {
    found.values().forEach(IncrementalComponents::close);
    held.values().forEach(parts -> parts.forEach(Tensor::close));
  }
}
