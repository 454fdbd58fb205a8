/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.tlora.autograd.Parameter;
import org.tlora.calibrate.Statistics;
import org.tlora.collective.Alone;
import org.tlora.collective.Collective;
import org.tlora.engine.DType;
import org.tlora.engine.Footprint;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.export.HuggingFaceDirectory;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.Targets;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;
import org.tlora.peft.disk.AdapterDirectory;
import org.tlora.peft.disk.AdapterWriter;
import org.tlora.peft.disk.StoredAdapter;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.train.TrainingRule;

/** A method at work on the layers of a loaded model. */
public final class FineTuning implements AutoCloseable {
  /** Ends the names of vectors of tokens among weights. */
  private static final String ROWS = ".trainable_tokens_delta";

  /** So many of a layer are written; they are looked at and not computed with. */
  private static final int MOST_SINGULAR_VALUES = 64;

  private static final MathContext SHOWN = new MathContext(6);

  private final Model model;
  private final PeftMethod method;
  private final PeftOptions options;
  private final List<Linear> targets;
  private final Beside beside;
  private final Collective all;
  private final Map<Linear, LayerPlan> plans = new LinkedHashMap<>();
  private final Map<Linear, Double> scores = new LinkedHashMap<>();
  private final List<Linear> bare = new ArrayList<>(); // those that got no rank
  private final Map<Linear, double[]> spectra = new HashMap<>();
  private final Map<Linear, PeftAdapter> started = new LinkedHashMap<>();
  private AdapterSet adapters = AdapterSet.empty();
  private final Set<Statistics> counted = Collections.newSetFromMap(new IdentityHashMap<>());
  private List<Parameter> weights = List.of(); // of the whole model, or of its head
  private double calibrationSeconds;
  private double initialisationSeconds;
  private int calibrationSamples;

  /**
   * Nothing is attached yet.
   *
   * @throws UsageFault if the method does not know an option
   */
  public FineTuning(Model model, PeftMethod method, PeftOptions options, List<Linear> targets) {
    this(model, method, options, targets, Beside.NOTHING, new Alone());
  }

  /** The same with something that trains beside the adapters, shared with other processes. */
  FineTuning(
      Model model,
      PeftMethod method,
      PeftOptions options,
      List<Linear> targets,
      Beside beside,
      Collective all) {
    this.all = all;
    options.check(method);
    this.beside = method.trainsBase() ? Beside.NOTHING : beside; // then all of it trains
    this.model = model;
    this.method = method;
    this.options = options;
    this.targets = List.copyOf(targets);
    for (Linear table : model.tables()) {
      if (targets.contains(table)) {
        requireFitFor(table);
      }
    }
  }

  /** What a calibration gathers, it gathers of the layers between the vocabulary's two tables. */
  private void requireFitFor(Linear table) {
    if (!method.needs(options).isEmpty()) {
      throw new UsageFault(
          "`targetModules` "
              + table.type()
              + " does not go with `method` "
              + method.name()
              + ", which calibrates: use lora, rslora, lora+ or dora, or `modulesToSave` "
              + table.type());
    }
    if (table.isLookup() && method.name().equals("adalora")) {
      throw new UsageFault(
          "`targetModules` " + table.type() + " does not go with `method` adalora");
    }
  }

  /**
   * Shares out the ranks and attaches the initial adapters, or unfreezes the model's weights.
   *
   * @param statistics what the method {@linkplain PeftMethod#needs needs}; only read
   */
  public void initialise(Statistics statistics, long seed) {
    allocate(statistics);
    start(targets, statistics, seed);
    attach();
  }

  /**
   * Shares out the ranks, or unfreezes the model's weights.
   *
   * @param statistics sensitivities, where the method needs them
   */
  void allocate(Statistics statistics) {
    long start = System.nanoTime();
    if (method.trainsBase()) {
      requireFloat32();
      weights = model.unfreeze();
    } else {
      weights = unfreezeBeside();
    }
    Targets all = new Targets(targets, model.parameterCount());
    List<LayerPlan> allocated = method.allocate(all, statistics, options);
    for (int i = 0; i < allocated.size(); i++) {
      Linear layer = targets.get(i);
      if (allocated.get(i).rank() == 0) {
        bare.add(layer);
        continue;
      }
      plans.put(layer, allocated.get(i));
      scores.put(layer, method.score(layer, statistics, options));
    }
    count(statistics, start);
  }

  /**
   * Makes the initial adapters of some layers; they are not attached yet. Each layer draws from a
   * generator of its own, so that neither order nor grouping changes what it gets.
   */
  void start(List<Linear> layers, Statistics statistics, long seed) {
    long start = System.nanoTime();
    List<Linear> planned = layers.stream().filter(plans::containsKey).toList();
    SpreadStarts starts =
        new SpreadStarts(
            all,
            l -> started(l, statistics, seed),
            (l, stored) -> method.resume(l, stored, options));
    Footprint.apart(() -> started.putAll(starts.of(planned)));
    if (all.isFirst()) {
      planned.forEach(l -> spectra.put(l, method.spectrum(l, started.get(l), statistics, options)));
    }
    count(statistics, start);
  }

  private PeftAdapter started(Linear layer, Statistics statistics, long seed) {
    try (Random random = new Random(layer.device(), Random.mix(seed, targets.indexOf(layer)))) {
      return method.start(layer, plans.get(layer), statistics, options, random);
    }
  }

  /**
   * Makes sure that all processes have started from the same numbers.
   *
   * @throws RunFault if one has others
   */
  void requireEqual() {
    if (!all.isGroup()) {
      return;
    }
    List<byte[]> digests =
        all.gather(
            Contents.ofParameters(inOrder().stream().flatMap(a -> a.parameters().stream()).toList())
                .getBytes(UTF_8));
    for (int r = 1; r < digests.size(); r++) {
      if (!Arrays.equals(digests.get(0), digests.get(r))) {
        throw new RunFault(
            "rank " + r + " has started from other adapters than rank 0: please report this");
      }
    }
  }

  /** Takes what was started, in the order of the layers. */
  void attach() {
    Map<Linear, PeftAdapter> ordered = new LinkedHashMap<>();
    plans.keySet().forEach(l -> ordered.put(l, started.get(l)));
    started.clear();
    use(ordered);
  }

  private void use(Map<Linear, PeftAdapter> all) {
    adapters.close();
    adapters = new AdapterSet(all);
  }

  /** Counts the seconds of each calibration pass once, however often its statistics are used. */
  private void count(Statistics statistics, long start) {
    initialisationSeconds += (System.nanoTime() - start) / 1e9;
    if (counted.add(statistics) && !method.needs(options).isEmpty()) {
      calibrationSeconds += statistics.seconds();
      calibrationSamples = Math.max(calibrationSamples, statistics.samples());
    }
  }

  private List<Parameter> unfreezeBeside() {
    return Stream.concat(model.unfreezeHead().stream(), beside.unfreeze(model).stream()).toList();
  }

  private void requireFloat32() {
    if (model.computeType() != DType.FLOAT32) {
      throw new UsageFault(
          "`method` " + method.name() + " trains the weights themselves: use `dtype` float32");
    }
  }

  /**
   * Starts from the adapters of a directory instead of the method's own initialisation.
   *
   * @return what a user should know of them, a line each
   * @throws InputFault if they do not fit the model or the method
   */
  public List<String> startFrom(Path adapter) {
    if (method.trainsBase()) {
      throw new UsageFault(
          "`initAdapter` has no meaning for `method` " + method.name() + ": merge it first");
    }
    try (StoredAdapter stored = AdapterDirectory.read(adapter, model)) {
      model.restore();
      stored.overwriteWeights(model); // first: an adapter may look at its layer's weight
      Map<Linear, PeftAdapter> resumed = new LinkedHashMap<>();
      stored
          .layers()
          .forEach(
              (layer, l) -> {
                PeftAdapter a;
                try (StoredLayer there = l.to(layer.device())) {
                  a = method.resume(layer, there, options);
                }
                resumed.put(layer, a);
                int rank = Math.toIntExact(l.a().size(0) - l.fixedRank());
                plans.put(layer, new LayerPlan(rank, a.scaling() * rank, a.scaling(), false));
                scores.put(layer, Double.NaN);
              });
      use(resumed);
      weights = unfreezeBeside();
      return stored.notes();
    }
  }

  /**
   * Goes on from what a checkpoint kept.
   *
   * @param layers what {@link PeftAdapter#stored} gave; only read
   * @param changed weights that that differ from the model's files; only read
   */
  void resume(
      Map<Linear, StoredLayer> layers,
      Map<Linear, LayerPlan> initialPlans,
      Map<Linear, Double> initialScores,
      Map<String, Tensor> changed,
      double secondsBefore) {
    model.restore();
    if (!method.trainsBase()) {
      Map<String, Tensor> whole = new LinkedHashMap<>(changed);
      whole.keySet().removeIf(n -> n.endsWith(ROWS));
      model.overwriteAll(whole);
    }
    Map<Linear, PeftAdapter> resumed = new LinkedHashMap<>();
    layers.forEach((layer, stored) -> resumed.put(layer, method.resume(layer, stored, options)));
    use(resumed);
    plans.putAll(initialPlans);
    scores.putAll(initialScores);
    initialisationSeconds = secondsBefore;
    if (!method.trainsBase()) {
      weights = unfreezeBeside();
      weights.stream().filter(p -> p.name().endsWith(ROWS)).forEach(p -> copyKept(p, changed));
      return;
    }
    requireFloat32();
    weights = model.unfreeze();
    weights.forEach(p -> copyKept(p, changed));
  }

  private static void copyKept(Parameter p, Map<String, Tensor> changed) {
    Tensor kept = changed.get(p.name());
    if (kept == null || !Arrays.equals(kept.shape(), p.value().shape())) {
      throw new InputFault("the checkpoint has no weight " + p.name() + " of this shape");
    }
    p.value().copyFrom(kept);
  }

  /** What each layer got at the start. */
  Map<Linear, LayerPlan> initialPlans() {
    return plans;
  }

  /** The score that a layer's rank and alpha were found by, or NaN. */
  double score(Linear layer) {
    return scores.get(layer);
  }

  /**
   * The weights that differ from the model's files; of tables that differ in the vectors of some
   * tokens alone those vectors. Owned by the caller's scope.
   */
  Map<String, Tensor> changedWeights() {
    Map<String, Tensor> changed = new LinkedHashMap<>(model.changedWeights());
    if (model instanceof CausalLm lm) {
      lm.tokenRows()
          .forEach(
              (table, rows) -> {
                if (lm.differsInRowsAlone(table)) {
                  changed.remove(table + ".weight");
                }
                changed.put(rows.values().name(), rows.values().value().alias());
              });
    }
    return changed;
  }

  /** The adapters as they are now; owned by this. */
  public AdapterSet adapters() {
    return adapters;
  }

  /** That of a layer which has one. */
  PeftAdapter adapter(Linear layer) {
    return (PeftAdapter) adapters.on(layer);
  }

  /** The adapters, in the order of the layers. */
  private List<PeftAdapter> inOrder() {
    return plans.keySet().stream().map(this::adapter).toList();
  }

  /** What trains. */
  public List<Parameter> parameters() {
    return Stream.concat(inOrder().stream().flatMap(a -> a.parameters().stream()), weights.stream())
        .toList();
  }

  /** Whether weights of the model itself train, so that it is no base without its adapters. */
  boolean changesModel() {
    return !weights.isEmpty();
  }

  /** What the method does around the steps of a run; the trainer closes it. */
  public TrainingRule rule(long totalSteps) {
    return method.rule(inOrder(), options, totalSteps);
  }

  /** How many numbers a layer's adapter has on disk. */
  public long storedNumbers(Linear layer) {
    try (Scope scope = new Scope();
        StoredLayer stored = adapter(layer).stored()) {
      return stored.tensors().stream().mapToLong(Tensor::size).sum();
    }
  }

  /** How many numbers train. */
  public long trainableParameters() {
    return parameters().stream().mapToLong(p -> p.value().size()).sum();
  }

  /** What each layer got; with the ranks that are in use now, which a method may have lowered. */
  public Map<Linear, LayerPlan> plans() {
    Map<Linear, LayerPlan> now = new LinkedHashMap<>();
    plans.forEach(
        (layer, p) -> {
          int rank = Math.toIntExact(adapter(layer).rank());
          now.put(layer, new LayerPlan(rank, p.alpha(), p.scaling(), p.bounded()));
        });
    return now;
  }

  /** Seconds that calibration and initialisation took together. */
  public double initialisationSeconds() {
    return calibrationSeconds + initialisationSeconds;
  }

  private static double shown(double value) {
    return Double.isFinite(value) ? new BigDecimal(value).round(SHOWN).doubleValue() : 0;
  }

  /** Writes {@code calibration.json}: what each layer got at the start. */
  public void writeCalibration(Path file) {
    ObjectNode json = Json.object();
    json.put("method", method.name());
    json.put("rank", options.rank()).put("alpha", options.alphaOrRank());
    json.put("samples", calibrationSamples);
    json.put("trainable_parameters", trainableParameters());
    json.put("base_parameters", model.parameterCount());
    json.putObject("seconds")
        .put("calibration", calibrationSeconds)
        .put("initialisation", initialisationSeconds);
    ArrayNode bounded = json.putArray("bounded");
    if (!bare.isEmpty()) {
      ArrayNode without = json.putArray("without_adapter");
      bare.forEach(l -> without.add(l.name()));
    }
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
          double[] spectrum = spectra.getOrDefault(layer, new double[0]);
          if (spectrum.length > 0) {
            ArrayNode values = m.putArray("singular_values");
            Arrays.stream(spectrum).limit(MOST_SINGULAR_VALUES).forEach(v -> values.add(shown(v)));
          }
          if (plan.bounded()) {
            bounded.add(layer.name());
          }
        });
    AtomicFiles.writeText(file, Json.pretty(json));
  }

  /** Writes the adapters in PEFT's format, or the model itself where its own weights train. */
  public void write(Path directory, PretrainedModel base) {
    if (method.trainsBase()) {
      HuggingFaceDirectory.writeMerged(directory, base, model, adapters, DType.FLOAT32);
    } else {
      AdapterWriter.write(directory, model, adapters, base.name(), options);
      if (base.hasOtherTokenizer()) {
        HuggingFaceDirectory.writeTokenizer(directory, base);
      }
    }
  }

  /** Frees the adapters; the model's own weights stay as they are. */
  @Override
  public void close() {
    started.values().forEach(PeftAdapter::close);
    started.clear();
    adapters.close();
    adapters = AdapterSet.empty();
  }
}
