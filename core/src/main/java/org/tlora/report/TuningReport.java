/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.tlora.card.Group;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.peft.LayerPlan;
import org.tlora.run.Sample;
import org.tlora.tune.BeforeRun;
import org.tlora.tune.Contents;
import org.tlora.tune.FineTuning;
import org.tlora.tune.ModelSamples;
import org.tlora.tune.RunFacts;
import org.tlora.tune.RunSamples;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRun;

/** The page that a fine-tuning run leaves. */
public final class TuningReport {
  private final TuningJob job;
  private final TuningInputs inputs;
  private final FineTuning tuning;
  private final TuningRun.Result result;
  private final RunFacts facts;
  private final Calibrated calibrated;

  private TuningReport(
      TuningJob job, TuningInputs inputs, FineTuning tuning, TuningRun.Result result) {
    this.job = job;
    this.inputs = inputs;
    this.tuning = tuning;
    this.result = result;
    facts = new RunFacts(job, inputs, tuning, result);
    calibrated = Calibrated.readIfSound(job.output());
  }

  /**
   * Writes {@code report.html} of a run that has ended: its curves, what each layer got and
   * learned, a few rows with what the model said and now says, held-out ones where there are any,
   * and all that the run was made of.
   *
   * @param usual the value that an option of {@code run.yaml} has where it is not given, by name
   */
  public static void write(
      TuningJob job,
      TuningInputs inputs,
      FineTuning tuning,
      TuningRun.Result result,
      Map<String, String> usual) {
    Report report = new TuningReport(job, inputs, tuning, result).report(usual);
    HtmlReport.write(job.output().resolve("report.html"), report);
  }

  private Report report(Map<String, String> usual) {
    boolean interrupted = result.outcome().interrupted();
    BeforeRun before = result.before();
    if (before == null && !interrupted) {
      before = BeforeRun.of(job, inputs);
    }
    List<Report.Section> sections = new ArrayList<>();
    sections.add(course());
    sections.add(layers());
    spectra().ifPresent(sections::add);
    sections.add(new Report.Section("Parameters", List.of(ParameterTable.of(tuning))));
    sections.add(samples(before));
    sections.add(madeOf());
    sections.add(settings(usual));
    sections.add(environment());
    return new Report(
        job.method().name() + " on " + facts.base().name(),
        lead(),
        RunTiles.of(job, inputs, tuning, result, before),
        sections);
  }

  private String lead() {
    String what = job.method().trainsBase() ? "All weights of " : "An adapter for ";
    String rows =
        String.format(
            Locale.ROOT,
            "%,d rows%s",
            inputs.training().size(),
            inputs.evaluation().isEmpty()
                ? ""
                : String.format(Locale.ROOT, ", %,d held out", inputs.evaluation().size()));
    String state = result.outcome().interrupted() ? " The run was interrupted." : "";
    return what
        + facts.base().name()
        + (job.method().trainsBase() ? " trained" : " by " + job.method().name() + ", trained")
        + " on "
        + facts.dataNames()
        + " ("
        + rows
        + ")."
        + state;
  }

  private Report.Section course() {
    List<Report.Part> parts = new ArrayList<>(RunCharts.parts(result.log()));
    parts.add(new Report.Folded("The course in figures", List.of(figures(facts.course()))));
    return new Report.Section("Course", parts);
  }

  private static Report.Figures figures(Group group) {
    return new Report.Figures(
        group.title(),
        group.figures().stream().map(f -> new Report.Figure(f.name(), f.value())).toList());
  }

  private Report.Section layers() {
    if (tuning.plans().isEmpty()) {
      return new Report.Section(
          "Layers",
          List.of(
              new Report.Note("All weights train: no layer has a rank, an alpha or an adapter.")));
    }
    List<Report.HeatMap> maps = new ArrayList<>();
    maps.add(AllocationMap.of("Rank of each layer", tuning.plans(), LayerPlan::rank));
    maps.add(AllocationMap.of("Alpha of each layer", tuning.plans(), LayerPlan::alpha));
    int known = maps.size();
    calibrated.addScores(maps);
    List<Report.Part> parts = new ArrayList<>();
    parts.add(
        new Report.Note(
            maps.size() > known
                ? "What each layer got, and the sensitivity that calibration found of it."
                : calibrated.isEmpty()
                    ? "What each layer got. calibration.json is not there any more, or damaged, so"
                        + " that sensitivities are not known."
                    : "What each layer got; "
                        + job.method().name()
                        + " shares nothing out by"
                        + " sensitivities here."));
    parts.add(new Report.Maps(maps));
    return new Report.Section("Layers", parts);
  }

  private Optional<Report.Section> spectra() {
    Map<String, double[]> start = calibrated.spectra();
    Map<String, double[]> learned = Spectra.learned(tuning);
    if (learned.isEmpty()) {
      return Optional.empty();
    }
    List<Report.Part> parts = new ArrayList<>();
    parts.add(
        new Report.Note(
            "Singular values, the largest first, of each type of layer; a line a layer, the later"
                + " it is the stronger."));
    parts.add(Spectra.panels("What was learned: s·B·A", learned));
    if (!start.isEmpty()) {
      parts.add(Spectra.panels("What adapters were started from", start));
    }
    parts.add(new Report.Folded("Layers as numbers", List.of(layerTable(learned, start))));
    return Optional.of(new Report.Section("Spectra", parts));
  }

  private Report.Table layerTable(Map<String, double[]> learned, Map<String, double[]> start) {
    Map<String, Double> scores = calibrated.numbers("score");
    List<String> header =
        new ArrayList<>(List.of("layer", "rank", "alpha", "norm", "largest σ", "stable rank"));
    if (!scores.isEmpty()) {
      header.add("sensitivity");
    }
    if (!start.isEmpty()) {
      header.add("largest σ at the start");
    }
    List<List<String>> rows = new ArrayList<>();
    tuning
        .plans()
        .forEach(
            (layer, plan) -> {
              double[] sigma = learned.getOrDefault(layer.name(), new double[0]);
              List<String> row = new ArrayList<>();
              row.add(layer.name());
              row.add("" + plan.rank());
              row.add(ChartData.number(plan.alpha()));
              row.add(ChartData.number(Spectra.norm(sigma)));
              row.add(sigma.length == 0 ? "" : ChartData.number(sigma[0]));
              row.add(ChartData.number(Spectra.stableRank(sigma)));
              if (!scores.isEmpty()) {
                Double score = scores.get(layer.name());
                row.add(score == null ? "" : ChartData.number(score));
              }
              if (!start.isEmpty()) {
                double[] first = start.getOrDefault(layer.name(), new double[0]);
                row.add(first.length == 0 ? "" : ChartData.number(first[0]));
              }
              rows.add(row);
            });
    return new Report.Table("Layers", header, rows, false);
  }

  private Report.Section samples(BeforeRun before) {
    List<Report.Part> parts = new ArrayList<>();
    if (result.outcome().interrupted()) {
      parts.add(new Report.Note("The run was interrupted: its model was not asked for samples."));
    } else {
      List<Sample> now =
          ModelSamples.of(inputs.base(), inputs.model(), tuning.adapters(), inputs.shown());
      if (before.missing() != null) {
        parts.add(new Report.Note("What the base says is not known: " + before.missing() + "."));
      }
      parts.add(
          now.isEmpty()
              ? new Report.Note("There are no rows of which a prompt could be made.")
              : SampleCards.compared(before.samples(), now));
    }
    List<RunSamples.At> during =
        job.during().sampleEvery() > 0
            ? RunSamples.read(job.output().resolve(RunSamples.FILE))
            : List.of();
    if (!during.isEmpty()) {
      parts.add(new Report.Folded("Samples during the run", List.of(SampleCards.course(during))));
    }
    return new Report.Section("Samples", parts);
  }

  private Report.Section madeOf() {
    return new Report.Section(
        "Data and base", List.of(figures(facts.data()), figures(facts.ofBase())));
  }

  private Report.Section settings(Map<String, String> usual) {
    RunSettings settings = RunSettings.read(job.output(), usual);
    List<Report.Part> parts = new ArrayList<>();
    parts.add(figures(facts.method()));
    if (settings.chosen().isEmpty()) {
      parts.add(figures(facts.settings()));
    } else {
      parts.add(new Report.Figures("Options", settings.chosen()));
    }
    if (!settings.usual().isEmpty()) {
      parts.add(
          new Report.Folded(
              settings.usual().size() + " options as usual, or of this machine alone",
              List.of(new Report.Figures("Other options", settings.usual()))));
    }
    return new Report.Section("Settings", parts);
  }

  private Report.Section environment() {
    List<Report.Figure> digests = new ArrayList<>();
    facts.digests().figures().forEach(f -> digests.add(new Report.Figure(f.name(), f.value())));
    for (Path file : weights()) {
      digests.add(new Report.Figure(file.getFileName().toString(), Contents.ofFile(file)));
    }
    return new Report.Section(
        "Environment and digests",
        List.of(figures(facts.madeWith()), new Report.Figures("Digests (SHA-256)", digests)));
  }

  /** What the run has written of weights. */
  private List<Path> weights() {
    try (Stream<Path> all = Files.list(job.output())) {
      return all.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
    } catch (IOException e) {
      throw new InputFault(job.output() + " cannot be read: " + Json.reason(e), e);
    }
  }
}
