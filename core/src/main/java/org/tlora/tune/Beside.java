/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.fault.UsageFault;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.Model;

/**
 * What trains beside adapters: whole modules, and the vectors of tokens.
 *
 * @param modules ends of their paths, as HF PEFT's {@code modules_to_save}
 * @param tokens ids, the new ones among them
 */
record Beside(List<String> modules, List<Integer> tokens) {
  /** Nothing. */
  static final Beside NOTHING = new Beside(List.of(), List.of());

  boolean isNothing() {
    return modules.isEmpty() && tokens.isEmpty();
  }

  private boolean names(String module) {
    return modules.stream().anyMatch(module::endsWith);
  }

  /**
   * Checks what is asked for against a model and the layers that get an adapter.
   *
   * @throws UsageFault if it does not go together
   */
  void check(Model model, List<Linear> targets) {
    if (isNothing()) {
      return;
    }
    if (!(model instanceof CausalLm lm)) {
      throw new UsageFault(
          "`modulesToSave`, `trainableTokens` and `newTokens` are for decoders; an encoder's"
              + " head always trains");
    }
    for (String name : modules) {
      if (lm.wholeModules().stream().noneMatch(m -> m.endsWith(name))) {
        Set<String> known = new LinkedHashSet<>();
        lm.wholeModules().forEach(m -> known.add(m.substring(m.lastIndexOf('.') + 1)));
        throw new UsageFault(
            "`modulesToSave` " + name + " fits nothing; there are " + String.join(", ", known));
      }
    }
    if (!modules.isEmpty() && model.computeType() != DType.FLOAT32) {
      throw new UsageFault("`modulesToSave` trains the weights themselves: use `dtype` float32");
    }
    model.tables().forEach(table -> requireOneWay(table, targets));
    boolean whole = model.tables().stream().anyMatch(t -> names(t.name()));
    if (lm.isTied() && whole && model.tables().stream().anyMatch(targets::contains)) {
      throw new UsageFault(
          "the model's embedding and output layer are one: `modulesToSave` of one does not go"
              + " with `targetModules` of the other");
    }
    int size = lm.baseVocabularySize();
    for (int token : tokens) {
      if (token >= size) {
        throw new UsageFault(
            "`trainableTokens`: the model has " + size + " tokens, none with the id " + token);
      }
    }
  }

  private void requireOneWay(Linear table, List<Linear> targets) {
    List<String> ways = new ArrayList<>();
    if (targets.contains(table)) {
      ways.add("`targetModules` " + table.type());
    }
    if (names(table.name())) {
      ways.add("`modulesToSave` " + table.type());
    }
    if (!tokens.isEmpty()) {
      ways.add("training single tokens");
    }
    if (ways.size() > 1) {
      throw new UsageFault(String.join(" and ", ways) + " do not go together");
    }
  }

  /** Makes all of it trainable. */
  List<Parameter> unfreeze(Model model) {
    List<Parameter> all = new ArrayList<>();
    if (model instanceof CausalLm lm && !isNothing()) {
      all.addAll(lm.unfreezeModules(this::names));
      if (!tokens.isEmpty()) {
        all.addAll(lm.unfreezeTokens(tokens.stream().mapToInt(t -> t).toArray()));
      }
    }
    return all;
  }
}
