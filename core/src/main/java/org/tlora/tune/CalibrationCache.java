/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import static org.tlora.calibrate.Statistic.COVARIANCE;
import static org.tlora.calibrate.Statistic.GRADIENT;
import static org.tlora.calibrate.Statistic.GRADIENT_SENSITIVITY;
import static org.tlora.calibrate.Statistic.GRAM;
import static org.tlora.calibrate.Statistic.SECOND_MOMENT;
import static org.tlora.calibrate.Statistic.SENSITIVITY;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tlora.calibrate.Statistic;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.model.Linear;

/**
 * Calibration statistics in a safetensors file: tensors by statistic and layer, numbers and the key
 * in its metadata.
 *
 * @param key what the statistics must have been made from
 */
record CalibrationCache(Path file, CalibrationKey key) {
  private static final String METADATA = "calibration";

  /**
   * Reads the statistics that are wanted, owned by the caller.
   *
   * @return nothing if there is no file yet, or it lacks a statistic that is wanted
   * @throws InputFault if the file was made from something else or is damaged
   */
  Optional<Statistics> read(List<Linear> targets, Set<Statistic> wanted) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (Safetensors tensors = Safetensors.open(file)) {
      String text = tensors.metadata().get(METADATA);
      if (text == null) {
        throw new InputFault(file + " is not a calibration cache");
      }
      ObjectNode json = Json.parseObject(text, "the metadata of " + file);
      requireSame(json);
      Set<Statistic> held = EnumSet.noneOf(Statistic.class);
      json.path("statistics").forEach(s -> held.add(Statistic.valueOf(s.asText())));
      if (!held.containsAll(wanted)) {
        return Optional.empty();
      }
      return Optional.of(statistics(tensors, json, targets, wanted));
    } catch (IllegalArgumentException e) {
      throw new InputFault(file + " holds a statistic that is not known here", e);
    }
  }

  private void requireSame(ObjectNode json) {
    key.parts()
        .forEach(
            (name, value) -> {
              if (!json.path("key").path(name).asText().equals(value)) {
                throw new InputFault(
                    "`calibrationCache` "
                        + file
                        + " was made with another "
                        + name.replace('_', ' ')
                        + "; delete it or name another file");
              }
            });
  }

  private static Statistics statistics(
      Safetensors tensors, ObjectNode json, List<Linear> targets, Set<Statistic> wanted) {
    List<Double> losses = new ArrayList<>();
    json.path("losses").forEach(x -> losses.add(x.asDouble()));
    return new Statistics(
        wanted.contains(COVARIANCE) ? load(tensors, "covariance/", targets) : Map.of(),
        wanted.contains(SECOND_MOMENT) ? load(tensors, "second_moment/", targets) : Map.of(),
        wanted.contains(GRAM) ? load(tensors, "gram/", targets) : Map.of(),
        numbers(json, "sensitivities", targets),
        wanted.contains(GRADIENT) ? load(tensors, "gradient/", targets) : Map.of(),
        numbers(json, "gradient_sensitivities", targets),
        Map.of(),
        json.path("samples").asInt(),
        losses,
        json.path("seconds").asDouble());
  }

  private static Map<Linear, Double> numbers(ObjectNode json, String what, List<Linear> targets) {
    Map<Linear, Double> all = new LinkedHashMap<>();
    for (Linear l : targets) {
      if (json.path(what).has(l.name())) {
        all.put(l, json.path(what).path(l.name()).asDouble());
      }
    }
    return all;
  }

  /** Tensors by the layer that they were gathered at, which others may share an input with. */
  private static Map<Linear, Tensor> load(
      Safetensors tensors, String prefix, List<Linear> targets) {
    Map<String, Linear> layers = new HashMap<>();
    for (Linear l : targets) {
      layers.put(l.sharesInputWith().name(), l.sharesInputWith());
    }
    targets.forEach(l -> layers.put(l.name(), l));
    Map<Linear, Tensor> loaded = new LinkedHashMap<>();
    for (String name : tensors.names()) {
      Linear layer = name.startsWith(prefix) ? layers.get(name.substring(prefix.length())) : null;
      if (layer != null) {
        loaded.put(layer, tensors.load(name, DType.FLOAT32).detachFromScope());
      }
    }
    return loaded;
  }

  /** Writes statistics in place of whatever the file held. */
  void write(Statistics statistics) {
    ObjectNode json = Json.object();
    ObjectNode parts = json.putObject("key");
    key.parts().forEach(parts::put);
    ArrayNode held = json.putArray("statistics");
    Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
    add(tensors, "covariance/", statistics.covariances(), held, COVARIANCE);
    add(tensors, "second_moment/", statistics.secondMoments(), held, SECOND_MOMENT);
    add(tensors, "gram/", statistics.grams(), held, GRAM);
    add(tensors, "gradient/", statistics.gradients(), held, GRADIENT);
    add(json, "sensitivities", statistics.sensitivities(), held, SENSITIVITY);
    add(
        json,
        "gradient_sensitivities",
        statistics.gradientSensitivities(),
        held,
        GRADIENT_SENSITIVITY);
    ArrayNode losses = json.putArray("losses");
    statistics.losses().forEach(losses::add);
    json.put("samples", statistics.samples()).put("seconds", statistics.seconds());
    Safetensors.write(file, tensors, Map.of("format", "pt", METADATA, Json.compact(json)));
  }

  private static void add(
      ObjectNode json, String what, Map<Linear, Double> of, ArrayNode held, Statistic statistic) {
    if (!of.isEmpty()) {
      held.add(statistic.name());
    }
    ObjectNode numbers = json.putObject(what);
    of.forEach((l, x) -> numbers.put(l.name(), x));
  }

  private static void add(
      Map<String, Safetensors.Source> tensors,
      String prefix,
      Map<Linear, Tensor> of,
      ArrayNode held,
      Statistic statistic) {
    if (!of.isEmpty()) {
      held.add(statistic.name());
    }
    of.forEach((l, t) -> tensors.put(prefix + l.name(), Safetensors.Source.of(t)));
  }
}
