/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tlora.evaluate.RowFigure;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/**
 * What came out of one run of a comparison.
 *
 * @param error why it failed, in which case the figures mean nothing; else null
 * @param settings everything that decided it
 * @param figures what test loss and scores are made of, row by row; in a file of their own
 * @param scores by task
 * @param ranks of each layer at the end, by its path
 */
record RunResult(
    String label,
    long seed,
    String error,
    Map<String, String> settings,
    Cost cost,
    Losses losses,
    Map<String, Score> scores,
    Map<String, RowFigure> figures,
    Map<String, Double> ranks) {
  /** The figure of the rows that are tested on. */
  static final String TEST_LOSS = "test loss";

  private static final String FILE = "result.json";
  private static final String FIGURES = "figures.json";

  /** What it took. */
  record Cost(
      long trainableParameters,
      double initialisationSeconds,
      double trainingSeconds,
      double tokensPerSecond,
      long peakBytes) {}

  /**
   * What it came down to.
   *
   * @param training the mean of the last tenth of the steps, without a method's penalty
   * @param heldOut NaN where nothing was held out
   * @param test NaN where nothing is tested on
   * @param steps of each step, without a penalty
   */
  record Losses(double training, double heldOut, double test, double[] steps) {}

  /** A task's score. */
  record Score(double value, double standardError, long count) {}

  static RunResult failed(String label, long seed, Map<String, String> settings, String why) {
    return new RunResult(
        label,
        seed,
        why,
        settings,
        new Cost(0, 0, 0, 0, 0),
        new Losses(0, 0, 0, new double[0]),
        Map.of(),
        Map.of(),
        Map.of());
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
    json.put("trainable_parameters", cost.trainableParameters());
    json.put("initialisation_seconds", cost.initialisationSeconds());
    json.put("training_seconds", cost.trainingSeconds());
    json.put("tokens_per_second", cost.tokensPerSecond());
    json.put("peak_bytes", cost.peakBytes());
    json.put("training_loss", losses.training());
    putOrNull(json, "held_out_loss", losses.heldOut());
    putOrNull(json, "test_loss", losses.test());
    ObjectNode tasks = json.putObject("scores");
    scores.forEach(
        (task, s) ->
            tasks
                .putObject(task)
                .put("value", s.value())
                .put("stderr", s.standardError())
                .put("count", s.count()));
    var curve = json.putArray("losses");
    for (double loss : losses.steps()) {
      curve.add(loss);
    }
    ObjectNode layers = json.putObject("ranks");
    ranks.forEach(layers::put);
    if (!figures.isEmpty()) {
      ObjectNode rows = Json.object();
      figures.forEach((name, f) -> rows.set(name, f.toJson()));
      AtomicFiles.writeText(directory.resolve(FIGURES), Json.compact(rows));
    }
    AtomicFiles.writeText(directory.resolve(FILE), Json.pretty(json));
  }

  private static void putOrNull(ObjectNode json, String name, double value) {
    if (Double.isNaN(value)) {
      json.putNull(name);
    } else {
      json.put(name, value);
    }
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
    double[] steps = new double[json.path("losses").size()];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = json.path("losses").get(i).asDouble();
    }
    Map<String, RowFigure> figures = new LinkedHashMap<>();
    Path rows = directory.resolve(FIGURES);
    if (Files.exists(rows)) {
      Json.readObject(rows)
          .properties()
          .forEach(e -> figures.put(e.getKey(), RowFigure.of(e.getValue())));
    }
    Map<String, Double> ranks = new LinkedHashMap<>();
    json.path("ranks").properties().forEach(e -> ranks.put(e.getKey(), e.getValue().asDouble()));
    return Optional.of(
        new RunResult(
            json.path("label").asText(),
            json.path("seed").asLong(),
            json.hasNonNull("error") ? json.path("error").asText() : null,
            settings,
            new Cost(
                json.path("trainable_parameters").asLong(),
                json.path("initialisation_seconds").asDouble(),
                json.path("training_seconds").asDouble(),
                json.path("tokens_per_second").asDouble(),
                json.path("peak_bytes").asLong()),
            new Losses(
                json.path("training_loss").asDouble(),
                json.path("held_out_loss").asDouble(Double.NaN),
                json.path("test_loss").asDouble(Double.NaN),
                steps),
            scores,
            figures,
            ranks));
  }
}
