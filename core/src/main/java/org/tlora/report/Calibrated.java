/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/** What a run's {@code calibration.json} says of its layers. */
final class Calibrated {
  private final JsonNode modules;

  private Calibrated(JsonNode modules) {
    this.modules = modules;
  }

  /**
   * That of a run's directory; one without layers where it has no such file.
   *
   * @throws org.tlora.fault.InputFault if it is damaged
   */
  static Calibrated read(Path output) {
    Path file = output.resolve("calibration.json");
    return new Calibrated(
        Files.exists(file) ? Json.readObject(file).path("modules") : Json.object());
  }

  /** The same for whoever can do without: one without layers also where the file is damaged. */
  static Calibrated readIfSound(Path output) {
    try {
      return read(output);
    } catch (InputFault e) {
      return new Calibrated(Json.object());
    }
  }

  boolean isEmpty() {
    return modules.isEmpty();
  }

  /** A number of each layer that has it, by the layers' paths. */
  Map<String, Double> numbers(String name) {
    Map<String, Double> all = new LinkedHashMap<>();
    modules
        .properties()
        .forEach(
            e -> {
              if (e.getValue().path(name).isNumber()) {
                all.put(e.getKey(), e.getValue().path(name).asDouble());
              }
            });
    return all;
  }

  /** Maps of what the layers got and by which score; none of what none has. */
  List<Report.HeatMap> maps() {
    List<Report.HeatMap> maps = new ArrayList<>();
    add(maps, "Rank of each layer", numbers("rank"));
    add(maps, "Alpha of each layer", numbers("alpha"));
    addScores(maps);
    return maps;
  }

  /** The map of the scores that ranks and alphas were shared out by, where there are any. */
  void addScores(List<Report.HeatMap> maps) {
    add(maps, "Sensitivity of each layer", numbers("score"));
  }

  private static void add(List<Report.HeatMap> maps, String title, Map<String, Double> numbers) {
    if (!numbers.isEmpty()) {
      maps.add(AllocationMap.of(title, numbers));
    }
  }

  /** The singular values that each layer's start was found by, where it was by any. */
  Map<String, double[]> spectra() {
    Map<String, double[]> all = new LinkedHashMap<>();
    modules
        .properties()
        .forEach(
            e -> {
              JsonNode values = e.getValue().path("singular_values");
              if (values.isArray() && !values.isEmpty()) {
                double[] spectrum = new double[values.size()];
                for (int i = 0; i < spectrum.length; i++) {
                  spectrum[i] = values.get(i).asDouble();
                }
                all.put(e.getKey(), spectrum);
              }
            });
    return all;
  }
}
