/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.tlora.fault.Float32;
import org.tlora.fault.UsageFault;
import org.tlora.peft.PeftMethod;
import org.tlora.tune.TuningJob;

/**
 * The values that a search tries.
 *
 * @param values of each axis, ascending
 */
public record Grid(Map<Axis, List<Double>> values) {
  /** Sorts them. */
  public Grid {
    Map<Axis, List<Double>> sorted = new EnumMap<>(Axis.class);
    values.forEach((axis, all) -> sorted.put(axis, List.copyOf(new TreeSet<>(all))));
    values = Collections.unmodifiableMap(sorted);
  }

  /**
   * The grid over some axes.
   *
   * @param given values by the axis's name, as texts; the others have their usual ones
   * @throws UsageFault if an axis is not searched, or a value is none
   */
  public static Grid of(List<Axis> axes, Map<String, List<String>> given, TuningJob job) {
    if (axes.isEmpty()) {
      throw new UsageFault("`tune` names nothing to search");
    }
    Map<Axis, List<Double>> values = new EnumMap<>(Axis.class);
    axes.forEach(a -> values.put(a, a.usual(job)));
    given.forEach(
        (name, texts) -> {
          Axis axis = Axis.named(name);
          if (!values.containsKey(axis)) {
            throw new UsageFault("`grid` has values of " + name + ", which `tune` does not search");
          }
          values.put(axis, texts.stream().map(t -> value(axis, t)).toList());
        });
    return new Grid(values);
  }

  private static double value(Axis axis, String text) {
    double value;
    try {
      value = Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!(value > 0) || !Float32.holds(value)) {
      throw new UsageFault("`grid` of " + axis.label() + ": '" + text + "' is no number above 0");
    }
    axis.check(value);
    return value;
  }

  /** All points of the axes that a method has. */
  List<Setting> settings(PeftMethod method) {
    List<Map<Axis, Double>> points = List.of(Map.of());
    for (Map.Entry<Axis, List<Double>> e : values.entrySet()) {
      if (!e.getKey().isOf(method)) {
        continue;
      }
      List<Map<Axis, Double>> more = new ArrayList<>();
      for (Map<Axis, Double> point : points) {
        for (double value : e.getValue()) {
          Map<Axis, Double> next = new EnumMap<>(Axis.class);
          next.putAll(point);
          next.put(e.getKey(), value);
          more.add(next);
        }
      }
      points = more;
    }
    return points.stream().map(Setting::new).toList();
  }

  /** The axes of which a setting has the least or the greatest of several values. */
  List<Axis> ends(Setting setting) {
    List<Axis> ends = new ArrayList<>();
    setting
        .values()
        .forEach(
            (axis, value) -> {
              List<Double> all = values.get(axis);
              if (all.size() > 1
                  && (all.get(0).equals(value) || all.get(all.size() - 1).equals(value))) {
                ends.add(axis);
              }
            });
    return ends;
  }
}
