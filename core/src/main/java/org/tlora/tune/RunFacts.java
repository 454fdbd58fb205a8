/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tlora.card.CardBase;
import org.tlora.card.Group;
import org.tlora.card.HubPlace;
import org.tlora.card.LibraryVersion;
import org.tlora.card.Losses;
import org.tlora.data.encode.LearnOptions;
import org.tlora.data.file.DataFile;
import org.tlora.engine.Engine;
import org.tlora.engine.ProcessMemory;
import org.tlora.engine.Processor;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.run.Bytes;
import org.tlora.run.StepReport;
import org.tlora.train.Best;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingOptions;

/** What is known of a run, as figures by their names: for its card and for its report. */
public final class RunFacts {
  private final TuningJob job;
  private final TuningInputs inputs;
  private final FineTuning tuning;
  private final TuningRun.Result result; // null: nothing was trained

  /**
   * That of a run.
   *
   * @param result null: nothing was trained
   */
  public RunFacts(TuningJob job, TuningInputs inputs, FineTuning tuning, TuningRun.Result result) {
    this.job = job;
    this.inputs = inputs;
    this.tuning = tuning;
    this.result = result;
  }

  /** The base: one of the hub is what its commit is; of any other only its contents tell. */
  public CardBase base() {
    CardBase known = CardBase.of(inputs.base());
    return known.commit() == null ? known.withDigest(inputs.digests().model()) : known;
  }

  /** What it was trained on: files by their names and digests, rows. */
  public Group data() {
    Group.Builder all = new Group.Builder("What it was trained on");
    job.data().forEach(d -> all.add("data", file(d)));
    all.add(
        "rows",
        String.format(
            Locale.ROOT,
            "%,d, as tokens SHA-256 %s",
            inputs.training().size(),
            inputs.digests().trainingRows()));
    if (job.evalData() != null) {
      all.add("data to evaluate on", file(DataFile.of(job.evalData())));
    }
    if (!inputs.evaluation().isEmpty()) {
      all.add("rows held out", inputs.evaluation().size());
    }
    if (!inputs.base().isEncoder()) {
      all.add(
          "template", job.template() == null ? "the model's chat template" : job.template().name());
      if (!job.reading().learning().equals(LearnOptions.DEFAULT)) {
        all.add("learned of conversations", job.reading().learning().toString());
      }
    }
    return all.add("tokens of a row at most", job.cutoffLength()).build();
  }

  /** The files that it was trained on, by their names. */
  public String dataNames() {
    return job.data().stream().map(RunFacts::name).collect(Collectors.joining(", "));
  }

  private static String name(DataFile data) {
    return data.isStandardInput() ? "standard input" : "" + data.path().getFileName();
  }

  /**
   * Digests of what went in; those of files are with the data, which are what rows were made of.
   */
  public Group digests() {
    Group.Builder all = new Group.Builder("Digests (SHA-256)");
    all.add("base: configuration and weights", base().digest());
    all.add("base: commit on the hub", base().commit());
    all.add("rows to train on, as tokens", inputs.digests().trainingRows());
    if (!inputs.evaluation().isEmpty()) {
      all.add("rows held out, as tokens", inputs.digests().evaluationRows());
    }
    job.data().stream()
        .filter(d -> !d.isStandardInput())
        .forEach(d -> all.add(name(d), inputs.digests().of(d.path())));
    return all.build();
  }

  /** A file by its name, or its place on the hub: where it lies here is nobody else's business. */
  private String file(DataFile data) {
    if (data.isStandardInput()) {
      return "standard input";
    }
    Path path = data.path();
    Optional<HubPlace> hub = HubPlace.of(path);
    String name = "" + path.getFileName();
    String place =
        hub.map(h -> h.id() + " on the hub, " + path.getParent().getFileName() + "/" + name)
            .orElse(name);
    String weight = data.weight() == 1 ? "" : ", weight " + data.weight();
    String digest = inputs.digests().of(path);
    return place + weight + (digest == null ? "" : ", SHA-256 " + digest);
  }

  /** The model that it was made from, and what its matrices are held in. */
  public Group ofBase() {
    CardBase base = base();
    Group.Builder all = new Group.Builder("Base");
    all.add("model", base.name()).add("commit", base.commit()).add("SHA-256", base.digest());
    all.add("numbers in it", inputs.model().parameterCount());
    TreeSet<String> codes = new TreeSet<>();
    inputs.model().linears().forEach(l -> codes.addAll(l.codes()));
    all.add("matrices held in", String.join(", ", codes));
    boolean rounded = inputs.model().linears().stream().anyMatch(Linear::isRounded);
    return all.add("rounded on loading", rounded ? job.heldAs().toString() : null).build();
  }

  /** The method, its rank, its layers, and what trains. */
  public Group method() {
    Group.Builder all = new Group.Builder("Method").add("method", job.method().name());
    if (!job.method().trainsBase()) {
      all.add("rank", job.peft().rank()).add("alpha", job.peft().alphaOrRank());
      Collection<LayerPlan> plans = tuning.plans().values();
      IntSummaryStatistics ranks = plans.stream().mapToInt(LayerPlan::rank).summaryStatistics();
      if (ranks.getMin() != ranks.getMax()) {
        all.add("ranks of layers", ranks.getMin() + " to " + ranks.getMax());
      }
      all.add("layers with an adapter", plans.size());
      all.add("target modules", types(job.targetModules()));
      all.add("dropout", job.peft().dropout());
      job.peft().own().forEach((name, value) -> all.add(name.replace('-', ' '), value));
      all.add("modules that train whole", String.join(", ", job.beside().modules()));
      all.add("tokens that train", String.join(", ", job.beside().tokens()));
      all.add("new tokens", String.join(", ", job.beside().newTokens()));
    }
    if (job.initAdapter() != null) {
      all.add("started from the adapter", "" + job.initAdapter().toAbsolutePath().getFileName());
    }
    long trained = tuning.trainableParameters();
    return all.add(
            "trainable parameters",
            String.format(
                Locale.ROOT,
                "%,d (%.2f %% of the base)",
                trained,
                100.0 * trained / inputs.model().parameterCount()))
        .build();
  }

  /** What was asked for, and which layers that is. */
  private String types(List<String> asked) {
    TreeSet<String> types = new TreeSet<>();
    tuning.plans().keySet().forEach(l -> types.add(l.type()));
    return String.join(", ", asked) + ": " + String.join(", ", types);
  }

  /** What decides how it trains. */
  public Group settings() {
    TrainingOptions t = job.training();
    Group.Builder all = new Group.Builder("Settings");
    if (job.objective() != null) {
      all.add("objective", job.objective().name());
    }
    if (t.steps() > 0) {
      all.add("steps asked for", t.steps());
    } else {
      all.add("epochs", t.epochs());
    }
    all.add("rows of a step", t.batchSize());
    if (t.microBatchSize() != t.batchSize()) {
      all.add("rows at once", t.microBatchSize());
    }
    all.add("learning rate", t.learningRate()).add("schedule", t.schedule().toString());
    all.add("share of steps that warm up", t.warmupRatio()).add("weight decay", t.weightDecay());
    all.add("gradients clipped to the norm", t.maxGradientNorm());
    all.add("rows shuffled", t.shuffle() ? "yes" : "no").add("seed", "" + t.seed());
    return all.add("products computed in", job.computeType().name().toLowerCase(Locale.ROOT))
        .build();
  }

  /** Losses, time and memory; nothing where nothing was trained. */
  public Group course() {
    Group.Builder all = new Group.Builder("How it went");
    if (result == null) {
      return all.build();
    }
    Trainer.Outcome outcome = result.outcome();
    losses(outcome).addTo(all);
    Best best = outcome.best();
    if (best != null) {
      all.add(
          "kept: the best state",
          String.format(
              Locale.ROOT, "%s %.4f after step %d", best.metric(), best.value(), best.steps()));
    }
    if (outcome.skipped() > 0) {
      all.add("steps skipped, not finite", outcome.skipped());
    }
    all.add("seconds of training", Math.rint(outcome.seconds() * 10) / 10);
    all.add("tokens", outcome.tokens());
    return all.add("peak memory", Bytes.text(result.log().peakBytes())).build();
  }

  private Losses losses(Trainer.Outcome outcome) {
    List<StepReport> steps = result.log().steps();
    List<MetricsLog.Evaluation> held = result.log().evaluations();
    return new Losses(
        outcome.steps(),
        steps.isEmpty() ? Double.NaN : steps.get(0).loss(),
        steps.isEmpty() ? Double.NaN : steps.get(steps.size() - 1).loss(),
        held.isEmpty() ? Double.NaN : held.get(0).loss(),
        result.heldOutLoss());
  }

  /** Versions and machine. */
  public Group madeWith() {
    Group.Builder all = new Group.Builder("Made with");
    all.add("TLoRA for the JVM", LibraryVersion.text());
    all.add("libtorch and its binding", Engine.version());
    all.add("Java", System.getProperty("java.version"));
    all.add("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    all.add("processor", Processor.detect().model());
    List<String> much = new ArrayList<>(List.of(Engine.threads() + " threads"));
    int processes = inputs.processes().all().size();
    if (processes > 1) {
      much.add(processes + " processes");
    }
    all.add("computed on", String.join(", ", much));
    all.add("cores of the machine", Runtime.getRuntime().availableProcessors());
    long memory = ProcessMemory.machineBytes();
    return all.add("memory of the machine", memory > 0 ? Bytes.text(memory) : null).build();
  }
}
