/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/**
 * What came out of one run of a comparison.
 *
 * @param error why it failed, in which case the figures mean nothing; else null
 * @param settings everything that decided it
 * @param trainingLoss the mean of the last tenth of the steps, without a method's penalty
 * @param heldOutLoss NaN where nothing was held out
 * @param scores by task
 * @param losses of each step, without a penalty
 * @param ranks of each layer at the end, by its path
 */
record RunResult(
    String label,
    long seed,
    String error,
    Map<String, String> settings,
    long trainableParameters,
    double initialisationSeconds,
    double trainingSeconds,
    double tokensPerSecond,
    long peakBytes,
    double trainingLoss,
    double heldOutLoss,
    Map<String, Score> scores,
    double[] losses,
    Map<String, Double> ranks) {
  private static final String FILE = "result.json";

  /** A task's score. */
  record Score(double value, double standardError, long count) {}

  static RunResult failed(String label, long seed, Map<String, String> settings, String why) {
    return new RunResult(
        label, seed, why, settings, 0, 0, 0, 0, 0, 0, 0, Map.of(), new double[0], Map.of());
  }

  boolean isFailed() {
    return error != null;
  }

  void write(Path directory) {
    ObjectNode json = Json.object();
    json.put("label", label).put("seed", seed);
    json.put("error", error);
    ObjectNode all = json.putObject("settings");
    settings.forEach(all::put);
    json.put("trainable_parameters", trainableParameters);
    json.put("initialisation_seconds", initialisationSeconds);
    json.put("training_seconds", trainingSeconds);
    json.put("tokens_per_second", tokensPerSecond);
    json.put("peak_bytes", peakBytes);
    json.put("training_loss", trainingLoss);
    if (Double.isNaN(heldOutLoss)) {
      json.putNull("held_out_loss");
    } else {
      json.put("held_out_loss", heldOutLoss);
    }
    ObjectNode tasks = json.putObject("scores");
    scores.forEach(
        (task, s) ->
            tasks
                .putObject(task)
                .put("value", s.value())
                .put("stderr", s.standardError())
                .put("count", s.count()));
    var curve = json.putArray("losses");
    for (double loss : losses) {
      curve.add(loss);
    }
    ObjectNode layers = json.putObject("ranks");
    ranks.forEach(layers::put);
    AtomicFiles.writeText(directory.resolve(FILE), Json.pretty(json));
  }

  /** The result that an earlier comparison left, if any. */
  static Optional<RunResult> read(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode json = Json.readObject(file);
    Map<String, String> settings = new LinkedHashMap<>();
    json.path("settings")
        .properties()
        .forEach(e -> settings.put(e.getKey(), e.getValue().asText()));
    Map<String, Score> scores = new LinkedHashMap<>();
    json.path("scores")
        .properties()
        .forEach(
            e ->
                scores.put(
                    e.getKey(),
                    new Score(
                        e.getValue().path("value").asDouble(),
                        e.getValue().path("stderr").asDouble(),
                        e.getValue().path("count").asLong())));
    double[] losses = new double[json.path("losses").size()];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = json.path("losses").get(i).asDouble();
    }
    Map<String, Double> ranks = new LinkedHashMap<>();
    json.path("ranks").properties().forEach(e -> ranks.put(e.getKey(), e.getValue().asDouble()));
    return Optional.of(
        new RunResult(
            json.path("label").asText(),
            json.path("seed").asLong(),
            json.hasNonNull("error") ? json.path("error").asText() : null,
            settings,
            json.path("trainable_parameters").asLong(),
            json.path("initialisation_seconds").asDouble(),
            json.path("training_seconds").asDouble(),
            json.path("tokens_per_second").asDouble(),
            json.path("peak_bytes").asLong(),
            json.path("training_loss").asDouble(),
            json.path("held_out_loss").asDouble(Double.NaN),
            scores,
            losses,
            ranks));
  }
}
