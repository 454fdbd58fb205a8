/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.card.DerivedCard;
import org.tlora.engine.Scope;
import org.tlora.fault.UsageFault;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LoraFactors;
import org.tlora.peft.adapter.PaddedFactors;
import org.tlora.peft.combine.ModuleParts.Part;
import org.tlora.peft.disk.AdapterFrame;
import org.tlora.peft.disk.AdapterFrame.Made;
import org.tlora.peft.disk.DetachedAdapter;
import org.tlora.peft.disk.DetachedAdapter.Product;

/**
 * Makes one adapter of several on disk, as HF PEFT's {@code add_weighted_adapter} does, for the
 * base that they are all for. The new one is a plain LoRA with a scaling of 1.
 */
public final class AdapterCombiner {
  private static final int MOST_NAMES = 3;

  private final List<WeightedAdapter> adapters;
  private final Combination combination;
  private final CombinationSettings settings;
  private final List<String> notes = new ArrayList<>();

  private AdapterCombiner(
      List<WeightedAdapter> adapters, Combination combination, CombinationSettings settings) {
    this.adapters = adapters;
    this.combination = combination;
    this.settings = settings;
  }

  /**
   * Combines adapters and writes the new one.
   *
   * @param adapters at least one; one alone is combined linearly, as in PEFT
   * @param base what the base is called, or null: as the adapters call it
   * @throws UsageFault if settings do not fit the combination, or ranks do not
   * @throws org.tlora.fault.InputFault if an adapter is none, or they cannot be one
   * @throws org.tlora.fault.RunFault if the new one cannot be written
   */
  public static CombinedAdapter combine(
      List<WeightedAdapter> adapters,
      Combination combination,
      CombinationSettings settings,
      String base,
      Path output) {
    if (adapters.isEmpty()) {
      throw new UsageFault("`adapter` is missing: name those that are to be combined");
    }
    boolean alone = adapters.size() == 1;
    Combination used = alone ? Combinations.ofOne() : combination;
    settings.requireFor(used, alone ? ", which one adapter alone is combined by, as in PEFT" : "");
    AdapterCombiner combiner = new AdapterCombiner(adapters, used, settings);
    if (used != combination) {
      combiner.notes.add(
          "one adapter alone is combined by "
              + used.name()
              + ", not "
              + combination.name()
              + ", as in PEFT");
    }
    return combiner.combine(base, output);
  }

  private CombinedAdapter combine(String base, Path output) {
    List<DetachedAdapter> sources = new ArrayList<>();
    try (Scope scope = new Scope()) {
      for (WeightedAdapter a : adapters) {
        DetachedAdapter source = DetachedAdapter.read(a.directory());
        sources.add(source);
        source.requireProducts("combined");
      }
      AdapterFrame frame = AdapterFrame.of(sources, output, base);
      Map<String, Made> made = made(sources);
      noteWhole(frame);
      int rank =
          made.values().stream()
              .mapToInt(m -> Math.toIntExact(m.factors().a().size(0)))
              .max()
              .orElseThrow();
      frame.write(made, new PeftOptions(rank, rank, 0));
      List<String> all = new ArrayList<>(notes);
      all.addAll(frame.notes());
      Map<Path, String> parts = new LinkedHashMap<>();
      adapters.forEach(
          a -> parts.merge(a.directory(), "weight " + a.weight(), (x, y) -> x + ", " + y));
      DerivedCard.ofAdapters(output, combination.name(), parts).write(output).ifPresent(all::add);
      return new CombinedAdapter(combination.name(), made.size(), rank, all);
    } finally {
      sources.forEach(DetachedAdapter::close);
    }
  }

  private Map<String, Made> made(List<DetachedAdapter> sources) {
    long largest = sources.stream().mapToLong(DetachedAdapter::largestRank).max().orElseThrow();
    CombinationSettings whole = settings.withDefaults(Math.toIntExact(largest));
    Set<String> modules = new LinkedHashSet<>();
    sources.forEach(s -> modules.addAll(s.products().keySet()));
    List<String> partial = new ArrayList<>();
    Map<String, Made> made = new LinkedHashMap<>();
    for (String module : modules) {
      Map<DetachedAdapter, Product> having = new LinkedHashMap<>();
      sources.stream()
          .filter(s -> s.products().containsKey(module))
          .forEach(s -> having.put(s, s.products().get(module)));
      ModuleFit.require(having, combination);
      if (having.size() < sources.size()) {
        partial.add(having.values().iterator().next().path());
      }
      made.put(module, made(module, sources, whole));
    }
    notePartial(partial, modules.size());
    return made;
  }

  /** Owned by the caller's scope. */
  private Made made(String module, List<DetachedAdapter> sources, CombinationSettings whole) {
    List<Part> parts = new ArrayList<>();
    Product first = null;
    for (int i = 0; i < sources.size(); i++) {
      Product p = sources.get(i).products().get(module);
      if (p != null) {
        first = first == null ? p : first;
        parts.add(new Part(i, adapters.get(i).weight(), p.stored()));
      }
    }
    try (Scope scope = new Scope()) {
      LoraFactors f = combination.combine(new ModuleParts(module, parts), whole);
      if (combination.takes().contains(Setting.RANK)) {
        f = PaddedFactors.of(f, module, first.lookup(), whole.rank());
      }
      scope.keep(f.a());
      scope.keep(f.b());
      if (f.bias() != null) {
        scope.keep(f.bias());
      }
      return new Made(first.path(), first.lookup(), f);
    }
  }

  private void notePartial(List<String> partial, int all) {
    if (!partial.isEmpty()) {
      notes.add(
          partial.size()
              + " of "
              + all
              + " modules are not in all adapters, and are made of those that have them: "
              + shortened(partial));
    }
  }

  private void noteWhole(AdapterFrame frame) {
    frame
        .brought()
        .forEach(
            (directory, names) ->
                notes.add(
                    "as they are in " + directory + ", whatever its weight: " + shortened(names)));
  }

  private static String shortened(List<String> names) {
    String some = String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size())));
    return names.size() > MOST_NAMES ? some + ", …" : some;
  }
}
