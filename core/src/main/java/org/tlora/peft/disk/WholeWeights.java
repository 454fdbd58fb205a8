/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlora.engine.Tensor;
import org.tlora.format.Safetensors;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.model.SequenceClassifier;
import org.tlora.model.TokenRows;

/**
 * What an adapter directory has beside low-rank products, as HF PEFT names it: weights that differ
 * from the base's, and vectors of tokens that train by themselves.
 */
final class WholeWeights {
  private final Model model;
  private final Set<String> adapted;
  private final Map<String, Tensor> changed;
  private final Map<String, TokenRows> rows = new LinkedHashMap<>();
  private final boolean tied; // the one table of tied ones is among them

  /** Looks at a model; tensors belong to the caller's scope. */
  WholeWeights(Model model, Set<Linear> adaptedLayers) {
    this.model = model;
    adapted = adaptedLayers.stream().map(Linear::name).collect(Collectors.toSet());
    changed = new LinkedHashMap<>(model.changedWeights());
    boolean one = false;
    if (model instanceof CausalLm lm) {
      lm.tokenRows()
          .forEach(
              (table, r) -> {
                if (lm.differsInRowsAlone(table)) {
                  rows.put(table, r);
                  changed.remove(table + ".weight");
                }
              });
      one = lm.isTied() && changed.containsKey(lm.tables().get(0).name() + ".weight");
    }
    tied = one;
  }

  /** The path of a weight's module. */
  static String module(String name) {
    return name.substring(0, name.lastIndexOf('.'));
  }

  /** PEFT keeps an adapted module's own parameters below {@code base_layer}. */
  private String onDisk(String name) {
    String module = module(name);
    return AdapterDirectory.PREFIX
        + module
        + (adapted.contains(module) ? ".base_layer" : "")
        + name.substring(module.length());
  }

  void addTo(Map<String, Safetensors.Source> tensors) {
    changed.forEach((name, w) -> tensors.put(onDisk(name), Safetensors.Source.of(w)));
    rows.forEach(
        (table, r) ->
            tensors.put(
                AdapterDirectory.PREFIX + table + ".token_adapter.trainable_tokens_delta",
                Safetensors.Source.of(r.values().value())));
    if (tied) { // PEFT asks for both names, though they mean one
      String head = model.tables().get(1).name() + ".weight";
      Tensor table = changed.get(model.tables().get(0).name() + ".weight");
      tensors.put(onDisk(head), Safetensors.Source.of(table));
    }
  }

  void addTo(ObjectNode config) {
    Set<String> modules = new LinkedHashSet<>();
    for (String name : changed.keySet()) {
      String module = module(name);
      if (headLayers(model).contains(module) || adapted.contains(module)) {
        if (name.endsWith(".bias") && adapted.contains(module)) {
          config.put("bias", "all");
        }
        continue; // a head's modules are named as a whole, an adapted module's weight not at all
      }
      if (name.endsWith(".bias")) {
        config.put("bias", "all");
      } else {
        modules.add(module);
      }
    }
    List<String> names = new ArrayList<>(headModules(model));
    List<String> own = model.weightNames();
    modules.forEach(m -> names.add(shortest(m, modules, own)));
    boolean tables = tied && model.tables().stream().noneMatch(l -> adapted.contains(l.name()));
    if (tied && !tables) {
      // below base_layer both are the base's one table, and no copy is to be made of it
      model.tables().forEach(l -> names.removeAll(List.of(l.name(), l.type())));
    }
    if (!names.isEmpty()) {
      ArrayNode saved = config.putArray("modules_to_save");
      names.forEach(saved::add);
    }
    if (tables) {
      config.put("ensure_weight_tying", true);
    }
    addRows(config);
  }

  /** PEFT saves every module whose path ends with a name: the shortest that means this one. */
  private static String shortest(String module, Set<String> saved, List<String> own) {
    String last = module.substring(module.lastIndexOf('.') + 1);
    boolean ambiguous =
        own.stream()
            .map(WholeWeights::module)
            .anyMatch(m -> m.endsWith(last) && !saved.contains(m));
    return ambiguous ? module : last;
  }

  private void addRows(ObjectNode config) {
    List<TokenRows> all = new ArrayList<>(rows.values());
    if (all.isEmpty()) {
      return;
    }
    if (model instanceof CausalLm lm && lm.isTied()) {
      ArrayNode ids = config.putArray("trainable_token_indices");
      Arrays.stream(all.get(0).ids()).forEach(ids::add);
      return;
    }
    ObjectNode tables = config.putObject("trainable_token_indices");
    rows.forEach(
        (table, r) -> {
          ArrayNode ids = tables.putArray(table.substring(table.lastIndexOf('.') + 1));
          Arrays.stream(r.ids()).forEach(ids::add);
        });
  }

  private static List<String> headModules(Model model) {
    return model instanceof SequenceClassifier c ? c.config().head().modules() : List.of();
  }

  /** The layers of an encoder's head. */
  static List<String> headLayers(Model model) {
    return model instanceof SequenceClassifier c
        ? List.of(c.config().head().dense(), c.config().head().output())
        : List.of();
  }
}
