/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;

/** Rank or alpha of every layer as a heat map: decoder layers down, layer types across. */
public final class AllocationMap {
  private AllocationMap() {}

  /** The heat map of one number of each layer's plan. */
  public static Report.HeatMap of(
      String title, Map<Linear, LayerPlan> plans, ToDoubleFunction<LayerPlan> value) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    plans.forEach((layer, plan) -> numbers.put(layer.name(), value.applyAsDouble(plan)));
    return of(title, numbers);
  }

  /** The heat map of a number for each layer, by the layers' paths. */
  public static Report.HeatMap of(String title, Map<String, Double> numbers) {
    Set<String> columns = new LinkedHashSet<>();
    Map<String, Map<String, Double>> rows = new LinkedHashMap<>();
    numbers.forEach(
        (name, number) -> {
          LayerName where = LayerName.of(name);
          columns.add(where.type());
          rows.computeIfAbsent(where.block(), r -> new LinkedHashMap<>()).put(where.type(), number);
        });
    List<String> types = new ArrayList<>(columns);
    double[][] values = new double[rows.size()][types.size()];
    int r = 0;
    for (Map<String, Double> row : rows.values()) {
      Arrays.setAll(values[r], c -> row.getOrDefault(types.get(c), Double.NaN));
      r++;
    }
    return new Report.HeatMap(title, types, List.copyOf(rows.keySet()), values);
  }
}
