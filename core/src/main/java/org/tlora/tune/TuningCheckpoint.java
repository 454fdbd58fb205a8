/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tlora.engine.DType;
import org.tlora.engine.ProductKernels;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.train.Best;
import org.tlora.train.Standing;
import org.tlora.train.TrainingPosition;

/**
 * What a run needs to go on to the bit: {@code parameters.safetensors} has the adapters and the
 * weights that differ from the model's files, {@code optimizer.safetensors} the moments and what
 * the method keeps between steps, {@code state.json} the rest.
 *
 * @param settings what decided the run
 */
record TuningCheckpoint(Path directory, ObjectNode state, Map<String, String> settings) {
  private static final String STATE = "state.json";
  private static final String PARAMETERS = "parameters.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String STANDING = "standing";
  private static final String WEIGHT = "weight:";
  private static final String KERNELS = "kernels";

  /**
   * Writes the files of a checkpoint.
   *
   * @param optimizer null: the state is kept to be used, not to go on from
   */
  static void write(
      Path directory,
      FineTuning tuning,
      TrainingPosition position,
      Map<String, Tensor> optimizer,
      Map<String, String> settings,
      List<Map<String, String>> kernels) {
    ObjectNode state = Json.object();
    state.put("steps", position.steps()).put("skipped", position.skipped());
    state.put("seconds", position.seconds()).put("tokens", position.tokens());
    state.put("evaluation_due", position.evaluationDue());
    if (!Double.isNaN(position.heldOutLoss())) {
      state.put("held_out_loss", position.heldOutLoss());
    }
    putStanding(state, position.standing());
    state.put("initialisation_seconds", tuning.initialisationSeconds());
    ObjectNode all = state.putObject("settings");
    settings.forEach(all::put);
    for (int rank = 0; rank < kernels.size(); rank++) {
      ObjectNode own = state.putObject(kernelsOf(rank));
      kernels.get(rank).forEach(own::put);
    }
    ObjectNode layers = state.putObject("layers");
    try (Scope scope = new Scope()) {
      Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
      tuning.initialPlans().forEach((l, plan) -> add(l, plan, tuning, layers, tensors));
      tuning.changedWeights().forEach((n, w) -> tensors.put(WEIGHT + n, Safetensors.Source.of(w)));
      Safetensors.write(directory.resolve(PARAMETERS), tensors, Map.of());
      if (optimizer != null) {
        Map<String, Safetensors.Source> moments = new LinkedHashMap<>();
        optimizer.forEach((n, t) -> moments.put(n, Safetensors.Source.of(t)));
        Safetensors.write(directory.resolve(OPTIMIZER), moments, Map.of());
      }
    }
    AtomicFiles.writeText(directory.resolve(STATE), Json.pretty(state));
  }

  private static void add(
      Linear l,
      LayerPlan plan,
      FineTuning tuning,
      ObjectNode layers,
      Map<String, Safetensors.Source> tensors) {
    ObjectNode layer = layers.putObject(l.name());
    layer.put("rank", plan.rank()).put("alpha", plan.alpha()).put("scaling", plan.scaling());
    layer.put("bounded", plan.bounded());
    double score = tuning.score(l);
    if (!Double.isNaN(score)) {
      layer.put("score", score);
    }
    try (StoredLayer stored = tuning.adapter(l).stored()) {
      layer.put("scaling_in_use", stored.scaling()).put("fixed_rank", stored.fixedRank());
      put(tensors, l.name() + ".A", stored.a());
      put(tensors, l.name() + ".B", stored.b());
      put(tensors, l.name() + ".E", stored.e());
      put(tensors, l.name() + ".m", stored.magnitude());
    }
  }

  private static void put(Map<String, Safetensors.Source> tensors, String name, Tensor t) {
    if (t != null) {
      Tensor kept = t.alias(); // in the caller's scope: the stored layer closes its own
      tensors.put(name, Safetensors.Source.of(kept));
    }
  }

  /**
   * Reads what a checkpoint says; tensors are read when they are asked for.
   *
   * @throws InputFault if it is no checkpoint of a run
   */
  static TuningCheckpoint read(Path directory) {
    ObjectNode state = Json.readObject(directory.resolve(STATE));
    Map<String, String> settings = new LinkedHashMap<>();
    state
        .path("settings")
        .properties()
        .forEach(e -> settings.put(e.getKey(), e.getValue().asText()));
    return new TuningCheckpoint(directory, state, settings);
  }

  /**
   * Where the kernels of a rank are; those of the first stand where a single process has its own.
   */
  private static String kernelsOf(int rank) {
    return rank == 0 ? KERNELS : KERNELS + "_of_rank_" + rank;
  }

  /**
   * Lets products run on the kernels that the run had, whatever is measured faster by now.
   *
   * @param rank of this process; one that the run had not goes by the first's
   * @return what a person should know of it: empty, or a line
   */
  Optional<String> useKernels(int rank) {
    if (!state.has(KERNELS)) {
      return Optional.of(
          directory
              + " does not say which kernels multiplied (it was written by an earlier version): the"
              + " last bits may be others than those of a run in one piece");
    }
    Map<String, String> kernels = new LinkedHashMap<>();
    state
        .path(state.has(kernelsOf(rank)) ? kernelsOf(rank) : KERNELS)
        .properties()
        .forEach(e -> kernels.put(e.getKey(), e.getValue().asText()));
    int changed = ProductKernels.use(kernels);
    return changed == 0
        ? Optional.empty()
        : Optional.of(
            "goes on with the kernels that it began with: what else this process computes changes "
                + changed
                + (changed == 1 ? " of its own" : " of its own too"));
  }

  TrainingPosition position() {
    return new TrainingPosition(
        state.path("steps").asLong(),
        state.path("skipped").asLong(),
        state.path("seconds").asDouble(),
        state.path("tokens").asLong(),
        state.path("held_out_loss").asDouble(Double.NaN),
        state.path("evaluation_due").asBoolean(),
        standing());
  }

  private static void putStanding(ObjectNode state, Standing standing) {
    ObjectNode all = state.putObject(STANDING);
    all.put("loss_sum", standing.lossSum()).put("losses", standing.losses());
    all.put("evaluations_waited", standing.waited());
    Best best = standing.best();
    if (best != null) {
      all.put("best_metric", best.metric()).put("best_value", best.value());
      all.put("best_steps", best.steps());
      if (!Double.isNaN(best.heldOutLoss())) {
        all.put("best_held_out_loss", best.heldOutLoss());
      }
    }
  }

  private Standing standing() {
    JsonNode all = state.path(STANDING);
    Best best =
        all.has("best_steps")
            ? new Best(
                all.path("best_metric").asText(),
                all.path("best_value").asDouble(),
                all.path("best_steps").asLong(),
                all.path("best_held_out_loss").asDouble(Double.NaN))
            : null;
    return new Standing(
        best,
        all.path("evaluations_waited").asInt(),
        all.path("loss_sum").asDouble(),
        all.path("losses").asLong());
  }

  /** The optimizer's and the method's tensors; they belong to the caller's scope. */
  Map<String, Tensor> optimizer() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Safetensors file = Safetensors.open(directory.resolve(OPTIMIZER))) {
      file.names().forEach(n -> tensors.put(n, file.load(n, file.type(n))));
    }
    return tensors;
  }

  /**
   * Puts a model and a tuning where they were.
   *
   * @throws InputFault if they do not fit the model
   */
  void restore(Model model, FineTuning tuning) {
    Map<Linear, StoredLayer> stored = new LinkedHashMap<>();
    Map<Linear, LayerPlan> plans = new LinkedHashMap<>();
    Map<Linear, Double> scores = new LinkedHashMap<>();
    Map<String, Linear> byName = new LinkedHashMap<>();
    model.adaptable().forEach(l -> byName.put(l.name(), l));
    try (Scope scope = new Scope();
        Safetensors file = Safetensors.open(directory.resolve(PARAMETERS))) {
      for (Map.Entry<String, JsonNode> e : state.path("layers").properties()) {
        JsonNode said = e.getValue();
        Linear l = byName.get(e.getKey());
        if (l == null) {
          throw new InputFault(directory + ": the model has no layer " + e.getKey());
        }
        stored.put(l, stored(file, l.name(), said));
        plans.put(
            l,
            new LayerPlan(
                said.path("rank").asInt(),
                said.path("alpha").asDouble(),
                said.path("scaling").asDouble(),
                said.path("bounded").asBoolean()));
        scores.put(l, said.path("score").asDouble(Double.NaN));
      }
      Map<String, Tensor> weights = new LinkedHashMap<>();
      file.names().stream()
          .filter(n -> n.startsWith(WEIGHT))
          .forEach(n -> weights.put(n.substring(WEIGHT.length()), file.load(n, file.type(n))));
      tuning.resume(
          stored, plans, scores, weights, state.path("initialisation_seconds").asDouble());
    } finally {
      stored.values().forEach(StoredLayer::close);
    }
  }

  private static StoredLayer stored(Safetensors file, String name, JsonNode said) {
    return new StoredLayer(
        file.load(name + ".A", DType.FLOAT32),
        file.load(name + ".B", DType.FLOAT32),
        optional(file, name + ".E"),
        optional(file, name + ".m"),
        said.path("scaling_in_use").asDouble(),
        said.path("fixed_rank").asLong());
  }

  private static Tensor optional(Safetensors file, String name) {
    return file.names().contains(name) ? file.load(name, DType.FLOAT32) : null;
  }
}
