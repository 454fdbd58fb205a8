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
   * The layers whose type (such as {@code q_proj}) or path is named, in the model's order.
   *
   * @throws UsageFault if a name fits no layer
   */
  public static List<Linear> choose(Model model, List<String> names) {
    if (names.equals(List.of(ALL_LINEAR))) {
      return model.linears();
    }
    Set<String> unused = new LinkedHashSet<>(names);
    List<Linear> chosen = new ArrayList<>();
    for (Linear l : model.linears()) {
      for (String name : names) {
        if (l.name().equals(name) || l.name().endsWith("." + name)) {
          unused.remove(name);
          if (chosen.isEmpty() || chosen.get(chosen.size() - 1) != l) {
            chosen.add(l);
          }
        }
      }
    }
    if (!unused.isEmpty()) {
      Set<String> types = new LinkedHashSet<>();
      model.linears().forEach(l -> types.add(l.type()));
      throw new UsageFault(
          "--target-modules "
              + String.join(",", unused)
              + " fits no layer; the model has "
              + String.join(", ", types)
              + " (or "
              + ALL_LINEAR
              + ")");
    }
    return chosen;
  }
}
