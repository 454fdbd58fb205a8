/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.tlora.autograd.Parameter;
import org.tlora.model.Adapter;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.tune.FineTuning;

/** What trains, by the types of modules. */
final class ParameterTable {
  /** Of the modules of one type. */
  private static final class Sum {
    private long modules;
    private long parameters;
    private int least = Integer.MAX_VALUE;
    private int most;
  }

  private ParameterTable() {}

  static Report.Table of(FineTuning tuning) {
    Map<String, Sum> adapted = new LinkedHashMap<>();
    Set<Parameter> known = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Map.Entry<Linear, LayerPlan> e : tuning.plans().entrySet()) {
      Adapter adapter = tuning.adapters().on(e.getKey());
      Sum sum = adapted.computeIfAbsent(e.getKey().type(), t -> new Sum());
      sum.modules++;
      sum.least = Math.min(sum.least, e.getValue().rank());
      sum.most = Math.max(sum.most, e.getValue().rank());
      for (Parameter p : adapter.parameters()) {
        sum.parameters += p.value().size();
        known.add(p);
      }
    }
    Map<String, Sum> whole = new LinkedHashMap<>();
    for (Parameter p : tuning.parameters()) {
      if (!known.contains(p)) {
        String module = p.name().replaceFirst("\\.(weight|bias)$", "");
        Sum sum = whole.computeIfAbsent(LayerName.of(module).type(), t -> new Sum());
        sum.modules += p.name().endsWith(".bias") ? 0 : 1;
        sum.parameters += p.value().size();
      }
    }
    long all = tuning.trainableParameters();
    List<List<String>> rows = new ArrayList<>();
    adapted.forEach((type, sum) -> rows.add(row(type, sum, ranks(sum), all)));
    whole.forEach((type, sum) -> rows.add(row(type, sum, "whole", all)));
    if (rows.size() > 1) {
      rows.add(List.of("all", "", "", count(all), "100 %"));
    }
    return new Report.Table(
        "Parameters that train, by type of module",
        List.of("type", "modules", "rank", "parameters", "share"),
        rows,
        false);
  }

  private static List<String> row(String type, Sum sum, String rank, long all) {
    String share = String.format(Locale.ROOT, "%.1f %%", 100.0 * sum.parameters / Math.max(1, all));
    return List.of(type, count(sum.modules), rank, count(sum.parameters), share);
  }

  private static String ranks(Sum sum) {
    return sum.least == sum.most ? "" + sum.least : sum.least + " to " + sum.most;
  }

  private static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }
}
