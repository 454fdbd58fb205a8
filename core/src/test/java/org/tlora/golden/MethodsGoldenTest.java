/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.export.HuggingFaceDirectory;
import org.tlora.model.AdapterSet;
import org.tlora.model.Linear;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.SvdAdapter;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.run.StepReport;
import org.tlora.testing.TakesLong;
import org.tlora.train.TrainingRule;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** Every method equals HF PEFT: thirty steps from its initial adapter, and what is there after. */
class MethodsGoldenTest {
  private static final PeftOptions OPTIONS = new PeftOptions(8, 16, 0);
  private static final Map<String, String> ADALORA =
      Map.of(
          "adalora-initial-rank", "12",
          "adalora-warmup-steps", "4",
          "adalora-final-steps", "10",
          "adalora-interval", "2");

  @TempDir private Path directory;

  private static Path golden(String name) {
    return Shared.path("golden/methods/" + name);
  }

  private static FineTuning startedFrom(TinyLlama tiny, String method, String golden) {
    PeftOptions options =
        method.equals("adalora") ? new PeftOptions(8, true, 16, 0, ADALORA) : OPTIONS;
    FineTuning tuning =
        new FineTuning(tiny.model(), PeftMethods.named(method), options, tiny.model().linears());
    tuning.startFrom(golden(golden).resolve("initial"));
    return tuning;
  }

  @ParameterizedTest
  @TakesLong
  @CsvSource({
    "lora, lora, 4, false",
    "rslora, rslora, 4, false",
    "lora+, lora_plus, 4, false",
    "dora, dora, 4, false",
    "dora, dora, 2, true",
    "olora, olora, 4, false",
    "olora, olora, 2, true",
    "pissa, pissa, 4, false",
    "lora-ga, lora_ga, 4, false",
    "lora-ga, lora_ga_published, 4, false",
    "corda, corda_ipm, 4, false",
    "corda, corda_kpm, 4, false",
    "adalora, adalora, 4, false",
    "adalora, adalora, 2, true",
    "eva, ../next/eva/rho_1, 4, false",
    "eva, ../next/eva/rho_2, 4, false",
    "lora-one, ../next/lora_one, 4, false",
    "gora, ../next/gora/descent, 4, false",
    "gora, ../next/gora/authors_head, 4, false"
  })
  void trainingFromTheInitialAdapterEqualsHfPeft(
      String method, String name, int microBatch, boolean recompute) {
    Path golden = golden(name);
    JsonNode expected = ThirtySteps.expected(golden);
    try (TinyLlama tiny = new TinyLlama()) {
      FineTuning tuning = startedFrom(tiny, method, name);
      assertEquals(expected.path("trainable_parameters").asLong(), tuning.trainableParameters());
      List<StepReport> steps =
          ThirtySteps.run(
              tiny.model(),
              tuning.adapters(),
              tuning.parameters(),
              tuning::rule,
              microBatch,
              recompute);
      ThirtySteps.compare(steps, expected, 1e-3);
      JsonNode after = Afterwards.expected(golden);
      Afterwards.compare(tiny.model(), tuning.adapters(), after, "last_logits");

      tuning.write(directory, tiny.files());
      AdapterSet back = Tunings.attach(directory, tiny.model());
      Afterwards.compare(tiny.model(), back, after, "last_logits");
      Afterwards.compareMerged(tiny, back, directory.resolve("merged"), after);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lora, false",
    "rslora, false",
    "lora_plus, false",
    "dora, false",
    "adalora, false",
    "olora, false",
    "pissa, false",
    "olora, true",
    "pissa, true",
    "lora_ga, true",
    "lora_ga_published, true",
    "corda_ipm, true",
    "corda_kpm, true",
    "../next/eva/rho_2, false",
    "../next/lora_one, false",
    "../next/gora/descent, false"
  })
  void finalAdaptersOfHfPeftLoadOnTheOriginalBase(String name, boolean withInitial) {
    Path golden = golden(name);
    try (TinyLlama tiny = new TinyLlama()) {
      Path initial = withInitial ? golden.resolve("initial") : null;
      AdapterSet loaded = Tunings.attach(golden.resolve("final"), initial, tiny.model());
      JsonNode after = Afterwards.expected(golden);
      Afterwards.compare(tiny.model(), loaded, after, "last_logits");
      Afterwards.compareMerged(tiny, loaded, directory, after);
    }
  }

  @Test
  void fullFineTuningEqualsTransformersAndIsUndoneByRestoring() {
    Path golden = golden("full");
    JsonNode expected = ThirtySteps.expected(golden);
    try (TinyLlama tiny = new TinyLlama()) {
      float[] before = tiny.model().linears().get(4).denseWeight().toFloats();
      FineTuning tuning =
          new FineTuning(tiny.model(), PeftMethods.named("full"), OPTIONS, tiny.model().linears());
      tuning.initialise(Statistics.none(), 0);
      assertEquals(expected.path("trainable_parameters").asLong(), tuning.trainableParameters());
      ThirtySteps.compare(
          ThirtySteps.run(
              tiny.model(),
              tuning.adapters(),
              tuning.parameters(),
              n -> TrainingRule.NONE,
              4,
              false),
          expected,
          1e-3);
      JsonNode after = Afterwards.expected(golden);
      Afterwards.compare(tiny.model(), AdapterSet.empty(), after, "last_logits");
      tuning.write(directory, tiny.files());
      try (PretrainedModel files = PretrainedModel.open(directory);
          var model = files.load(DType.FLOAT32)) {
        Afterwards.compare(model, AdapterSet.empty(), after, "last_logits");
      }
      tiny.model().restore();
      assertEquals(0, tiny.model().changedWeights().size());
      org.junit.jupiter.api.Assertions.assertArrayEquals(
          before, tiny.model().linears().get(4).denseWeight().toFloats());
    }
  }

  @Test
  void adaLoraCutsTheSameTripletsAtTheSameSteps() {
    JsonNode steps = ThirtySteps.expected(golden("adalora")).path("steps");
    try (TinyLlama tiny = new TinyLlama()) {
      FineTuning tuning = startedFrom(tiny, "adalora", "adalora");
      List<Integer> cuts = new ArrayList<>();
      int[] step = {0};
      Runnable look =
          () -> {
            JsonNode expected = steps.get(step[0]);
            for (Linear l : tiny.model().linears()) {
              String where = l.name() + " after step " + step[0];
              SvdAdapter adapter = (SvdAdapter) tuning.adapters().on(l);
              long rank = expected.path("ranks").path(l.name()).asLong(-1);
              assertEquals(rank, adapter.rank(), "rank of " + where);
              if (expected.has("kept")) {
                float[] e = adapter.e().value().toFloats();
                for (int i = 0; i < e.length; i++) {
                  int kept = expected.path("kept").path(l.name()).path(i).asInt();
                  assertEquals(kept, e[i] == 0 ? 0 : 1, "triplet " + i + " of " + where);
                }
              }
            }
            if (expected.has("kept")) {
              cuts.add(step[0]);
            }
            step[0]++;
          };
      ThirtySteps.run(
          tiny.model(),
          tuning.adapters(),
          tuning.parameters(),
          total -> new Watched(tuning.rule(total), look),
          4,
          false);
      assertEquals(List.of(6, 8, 10, 12, 14, 16, 18, 20), cuts);
    }
  }

  /** A rule after whose step somebody looks. */
  private record Watched(TrainingRule rule, Runnable look) implements TrainingRule {
    @Override
    public double penalise() {
      return rule.penalise();
    }

    @Override
    public void afterStep(long step) {
      rule.afterStep(step);
      look.run();
    }

    @Override
    public void close() {
      rule.close();
    }
  }

  @ParameterizedTest
  @TakesLong
  @CsvSource({"olora", "pissa", "lora-ga", "corda"})
  void trainingGoesOnFromASavedAdapterOfAMethodThatChangesTheBase(String name) {
    PeftMethod method = PeftMethods.named(name);
    try (TinyLlama tiny = new TinyLlama();
        TinyLlama other = new TinyLlama()) {
      FineTuning first =
          Tunings.start(tiny.model(), method, OPTIONS, TinyLlama.calibrationRows(), 0);
      ThirtySteps.run(tiny.model(), first.adapters(), first.parameters(), first::rule, 4, false);
      first.write(directory, tiny.files());
      FineTuning second = new FineTuning(other.model(), method, OPTIONS, other.model().linears());
      second.startFrom(directory);
      assertEquals(first.trainableParameters(), second.trainableParameters());
      List<StepReport> goOn =
          ThirtySteps.run(
              tiny.model(), first.adapters(), first.parameters(), first::rule, 4, false);
      List<StepReport> resumed =
          ThirtySteps.run(
              other.model(), second.adapters(), second.parameters(), second::rule, 4, false);
      for (int i = 0; i < 30; i++) {
        assertEquals(goOn.get(i).loss(), resumed.get(i).loss(), 1e-6, "step " + i);
      }
      assertTrue(resumed.get(29).loss() < 6);
    }
  }

  @Test
  void mergedFilesKeepTheNamesOfTheBase() {
    try (TinyLlama tiny = new TinyLlama()) {
      HuggingFaceDirectory.writeMerged(
          directory, tiny.files(), tiny.model(), AdapterSet.empty(), DType.FLOAT32);
      try (PretrainedModel merged = PretrainedModel.open(directory)) {
        assertEquals(tiny.files().weights().names(), merged.weights().names());
      }
    }
  }
}
