package org.tlora.tune;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.tlora.autograd.Parameter;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistics;
import org.tlora.data.Encoded;
import org.tlora.engine.Random;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.peft.AdapterDirectory;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.LowRankAdapter;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;

/** A method at work on the layers of a loaded model. */
public final class FineTuning {
  private final CausalLm model;
  private final PeftMethod method;
  private final PeftOptions options;
  private final List<Linear> targets;
  private final Map<Linear, LayerPlan> plans = new LinkedHashMap<>();
  private final Map<Linear, Double> scores = new LinkedHashMap<>();
  private double calibrationSeconds;
  private double initialisationSeconds;
  private int calibrationSamples;

  /** Nothing is attached yet. */
  public FineTuning(CausalLm model, PeftMethod method, PeftOptions options, List<Linear> targets) {
    this.model = model;
    this.method = method;
    this.options = options;
    this.targets = List.copyOf(targets);
  }

  /**
   * Calibrates if the method asks for it, shares out the ranks and attaches the initial adapters.
   *
   * @param samples to calibrate on, one at a time
   * @param afterSample is told how many samples are done
   */
  public void initialise(List<Encoded> samples, long seed, IntConsumer afterSample) {
    try (Statistics statistics =
            method.needs().isEmpty()
                ? Statistics.none()
                : Calibration.run(model, targets, samples, method.needs(), afterSample);
        Random random = new Random(seed)) {
      calibrationSeconds = statistics.seconds();
      calibrationSamples = statistics.samples();
      long start = System.nanoTime();
      List<LayerPlan> allocated = method.allocate(targets, statistics, options);
      for (int i = 0; i < targets.size(); i++) {
        Linear layer = targets.get(i);
        LayerPlan plan = allocated.get(i);
        plans.put(layer, plan);
        scores.put(layer, statistics.sensitivities().getOrDefault(layer, Double.NaN));
        layer.attach(method.start(layer, plan, statistics, options, random));
      }
      initialisationSeconds = (System.nanoTime() - start) / 1e9;
    }
  }

  /**
   * Attaches adapters from a directory instead of the method's own initialisation.
   *
   * @throws org.tlora.fault.InputFault if they do not fit
   */
  public void startFrom(Path adapter) {
    AdapterDirectory.read(adapter, model, method.trainsA(options), options.dropout());
    for (Linear l : model.linears()) {
      if (l.adapter() instanceof LowRankAdapter a) {
        int rank = Math.toIntExact(a.rank());
        plans.put(l, new LayerPlan(rank, a.scaling() * rank, a.scaling(), false));
        scores.put(l, Double.NaN);
      }
    }
  }

  /** What trains. */
  public List<Parameter> parameters() {
    return plans.keySet().stream().flatMap(l -> l.adapter().parameters().stream()).toList();
  }

  /** How many numbers train. */
  public long trainableParameters() {
    return parameters().stream().mapToLong(p -> p.value().size()).sum();
  }

  /** What each layer got. */
  public Map<Linear, LayerPlan> plans() {
    return plans;
  }

  /** Seconds that calibration and initialisation took together. */
  public double initialisationSeconds() {
    return calibrationSeconds + initialisationSeconds;
  }

  /** Writes {@code calibration.json}. */
  public void writeCalibration(Path file) {
    ObjectNode json = Json.object();
    json.put("method", method.name());
    json.put("rank", options.rank()).put("alpha", options.alpha());
    json.put("samples", calibrationSamples);
    json.put("trainable_parameters", trainableParameters());
    json.put("base_parameters", model.parameterCount());
    json.putObject("seconds")
        .put("calibration", calibrationSeconds)
        .put("initialisation", initialisationSeconds);
    var bounded = json.putArray("bounded");
    ObjectNode modules = json.putObject("modules");
    plans.forEach(
        (layer, plan) -> {
          ObjectNode m = modules.putObject(layer.name());
          double score = scores.get(layer);
          if (Double.isNaN(score)) {
            m.putNull("score");
          } else {
            m.put("score", score);
          }
          m.put("rank", plan.rank()).put("alpha", plan.alpha()).put("scaling", plan.scaling());
          m.put("in_features", layer.inFeatures()).put("out_features", layer.outFeatures());
          if (plan.bounded()) {
            bounded.add(layer.name());
          }
        });
    AtomicFiles.writeText(file, Json.pretty(json));
  }

  /** Writes the adapters in PEFT's format. */
  public void writeAdapter(Path directory, String baseName) {
    AdapterDirectory.write(
        directory, model, baseName, options.rank(), options.alpha(), options.dropout());
  }
}
