/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.tlora.fault.UsageFault;
import org.tlora.model.Linear;
import org.tlora.model.Model;

/** Chooses the linear layers that get an adapter. */
public final class TargetModules {
  /** Stands for every linear layer of the decoder. */
  public static final String ALL_LINEAR = "all-linear";

  private TargetModules() {}

  /**
   * The layers whose type (such as {@code q_proj}) or path is named, in the model's order; also its
   * token embedding and output layer ({@code embed_tokens}, {@code lm_head}), which are no part of
   * {@code all-linear}.
   *
   * @throws UsageFault if a name fits no layer
   */
  public static List<Linear> choose(Model model, List<String> names) {
    if (names.equals(List.of(ALL_LINEAR))) {
      return model.linears();
    }
    Set<String> unused = new LinkedHashSet<>(names);
    unused.remove(ALL_LINEAR);
    List<Linear> chosen = new ArrayList<>();
    boolean all = names.contains(ALL_LINEAR);
    for (Linear l : model.linears()) {
      if (named(l, names, unused) || all) {
        chosen.add(l);
      }
    }
    for (Linear l : model.tables()) {
      if (named(l, names, unused)) {
        chosen.add(l);
      }
    }
    if (!unused.isEmpty()) {
      Set<String> types = new LinkedHashSet<>();
      model.linears().forEach(l -> types.add(l.type()));
      model.tables().forEach(l -> types.add(l.type()));
      throw new UsageFault(
          "`targetModules` "
              + String.join(",", unused)
              + " fits no layer; the model has "
              + String.join(", ", types)
              + " (or "
              + ALL_LINEAR
              + ")");
    }
    return chosen;
  }

  /** Whether a layer is named; every name that it has is crossed off. */
  private static boolean named(Linear l, List<String> names, Set<String> unused) {
    boolean any = false;
    for (String name : names) {
      if (l.name().equals(name) || l.name().endsWith("." + name)) {
        unused.remove(name);
        any = true;
      }
    }
    return any;
  }
}
