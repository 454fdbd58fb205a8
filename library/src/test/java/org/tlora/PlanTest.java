/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.engine.DType;
import org.tlora.fault.UsageFault;
import org.tlora.peft.method.Eva;
import org.tlora.peft.method.Gora;
import org.tlora.peft.method.PeftMethods;
import org.tlora.plan.MemoryWarning;
import org.tlora.plan.Planner;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.Fitting;
import org.tlora.run.RunListener;
import org.tlora.run.RunPlan;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;

/** What a plan says of a run is what the run then has. */
class PlanTest {
  private static final RunListener NOBODY = new RunListener() {};

  @TempDir private Path directory;
  private Path files;
  private Path data;

  @BeforeEach
  void prepare() throws IOException {
    files = directory.resolve("model");
    new TinyModels(files, DType.FLOAT32).close();
    data = directory.resolve("data.jsonl");
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      String word = "melon ".repeat(1 + i % 7);
      rows.append("{\"instruction\": \"Shout " + word + "\", ");
      rows.append("\"response\": \"" + "MELON ".repeat(2 + i % 5) + "\"}\n");
    }
    Files.writeString(data, rows);
  }

  private TuningBuilder tuning() {
    return Tuning.builder()
        .data(data.toString())
        .template("plain")
        .rank(4)
        .steps(3)
        .batchSize(8)
        .dtype("float32")
        .calibrationSamples("6")
        .output(directory.resolve("out"));
  }

  private LanguageModel open() {
    return LanguageModel.of(files.toString()).dtype("float32").open();
  }

  /** A plan without times. */
  private RunPlan plan(UnaryOperator<TuningBuilder> options) {
    try (LanguageModel model = open()) {
      TuningJob job = model.job(options.apply(tuning()).build());
      try (TuningInputs inputs = TuningInputs.rehearsed(job, NOBODY)) {
        return Planner.ofMemory(inputs.rows()).plan(job);
      }
    }
  }

  private Fitting fit(long bytes, UnaryOperator<TuningBuilder> options) {
    try (LanguageModel model = open()) {
      TuningJob job = model.job(options.apply(tuning()).build());
      try (TuningInputs inputs = TuningInputs.rehearsed(job, NOBODY)) {
        return Planner.ofMemory(inputs.rows()).fit(job, bytes);
      }
    }
  }

  /** They share ranks out by what calibration finds. */
  private static final Set<String> SCORED = Set.of("tlora", "eva", "gora");

  static List<Method> methods() {
    List<Method> all = new ArrayList<>();
    for (String name : PeftMethods.names()) {
      if (!SCORED.contains(name)) {
        all.add(Method.named(name));
      }
    }
    all.add(Method.eva().with(Eva.RHO, 1.0));
    all.add(Method.gora().with(Gora.LEAST, 4).with(Gora.MOST, 4));
    Map<String, String> uniform = Map.of("allocation", "uniform", "alpha-allocation", "uniform");
    all.add(Method.tlora().with(uniform));
    all.add(Method.tlora().with(Map.of("allocation", "uniform", "train-a", "true")));
    return all;
  }

  @ParameterizedTest
  @MethodSource("methods")
  void theParametersOfAPlanAreThoseThatTrain(Method method) {
    RunPlan plan = plan(t -> t.method(method));
    assertFalse(Files.exists(directory.resolve("out")), "a plan writes nothing");
    long trained;
    try (LanguageModel model = open()) {
      trained = model.train(tuning().method(method).build()).join().trainableParameters();
    }
    assertEquals(trained, plan.trainableParameters());
    long byType = plan.trainableByType().values().stream().mapToLong(n -> n).sum();
    assertEquals(trained, byType);
    assertEquals(3, plan.steps());
    assertEquals(16, plan.rows());
  }

  @Test
  void whereRanksGoByScoresAPlanTakesThemToBeEqual() {
    RunPlan scored = plan(t -> t.method(Method.tlora()));
    RunPlan equal = plan(t -> t.method(Method.tlora().with(Map.of("allocation", "uniform"))));
    assertTrue(scored.scored());
    assertEquals(equal.trainableParameters(), scored.trainableParameters());
    assertFalse(plan(t -> t.method(Method.lora())).scored());
    assertTrue(plan(t -> t.method(Method.eva())).scored());
    assertTrue(plan(t -> t.method(Method.gora())).scored());
  }

  @Test
  void componentsAddUpAndAreExactWhereTheyCanBe() {
    RunPlan plan = plan(t -> t.method(Method.lora()));
    Map<String, Long> parts = plan.components();
    assertEquals(plan.peakBytes(), parts.values().stream().mapToLong(n -> n).sum());
    assertEquals("training", plan.highest().name());
    assertEquals(4 * plan.trainableParameters(), parts.get("adapters"));
    assertEquals(8 * plan.trainableParameters(), parts.get("optimizer"));
    assertEquals(4 * plan.baseParameters(), parts.get("weights"));
    assertTrue(parts.get("activations") > 0 && parts.get("jvm") > 0);
    RunPlan full = plan(t -> t.method(Method.full()));
    assertEquals(full.baseParameters(), full.trainableParameters());
    assertEquals(8 * full.baseParameters(), full.components().get("optimizer"));
    assertTrue(full.diskBytes() > 4 * full.baseParameters());
  }

  @Test
  void moreRowsAtOnceLongerRowsAndHigherRanksTakeMore() {
    long before = 0;
    for (int micro : List.of(1, 2, 4, 8)) {
      long bytes = tensors(plan(t -> t.method(Method.lora()).microBatchSize(micro)));
      assertTrue(bytes > before, micro + " rows at once");
      before = bytes;
    }
    before = 0;
    for (int cutoff : List.of(24, 32, 40, 64)) {
      long bytes = tensors(plan(t -> t.method(Method.lora()).cutoffLength(cutoff)));
      assertTrue(bytes >= before, "rows of " + cutoff);
      before = bytes;
    }
    before = 0;
    for (int rank : List.of(1, 4, 16)) {
      long bytes = tensors(plan(t -> t.method(Method.lora()).rank(rank)));
      assertTrue(bytes > before, "rank " + rank);
      before = bytes;
    }
    long kept = tensors(plan(t -> t.method(Method.lora())));
    long again = tensors(plan(t -> t.method(Method.lora()).gradientCheckpointing(true)));
    assertTrue(again < kept, again + " with checkpointing, " + kept + " without");
  }

  /** Without the holes between them, of which there may be fewer where there is more. */
  private static long tensors(RunPlan plan) {
    Map<String, Long> parts = plan.components();
    return plan.peakBytes() - parts.get("jvm") - parts.get("allocator");
  }

  /** Of tensors: what Java has is not the same each time. */
  private static long training(RunPlan plan) {
    RunPlan.Phase phase =
        plan.phases().stream().filter(p -> p.name().equals("training")).findFirst().orElseThrow();
    return phase.peakBytes() - plan.components().get("jvm");
  }

  @Test
  void aProposalFitsAndHarmsAsLittleAsMayBe() {
    RunPlan asked = plan(t -> t.method(Method.lora()));
    Fitting asItIs = fit(2 * asked.peakBytes(), t -> t.method(Method.lora()));
    assertTrue(asItIs.fits());
    assertEquals(Map.of(), asItIs.settings());

    long smaller = asked.peakBytes() - training(asked) / 4;
    Fitting fitting = fit(smaller, t -> t.method(Method.lora()));
    assertTrue(fitting.fits());
    assertEquals(List.of("micro-batch-size"), List.copyOf(fitting.settings().keySet()));
    assertTrue(fitting.proposed().peakBytes() <= smaller);
    String rows = fitting.settings().get("micro-batch-size");
    RunPlan again = plan(t -> t.method(Method.lora()).microBatchSize(Integer.parseInt(rows)));
    assertEquals(training(fitting.proposed()), training(again));
  }

  @Test
  void whereNothingFitsTheLeastIsProposed() {
    Fitting fitting = fit(1 << 20, t -> t.method(Method.tlora()));
    assertFalse(fitting.fits());
    assertTrue(fitting.proposed().peakBytes() < fitting.asked().peakBytes());
    assertFalse(fitting.settings().isEmpty(), "what makes it smaller is proposed");
  }

  @Test
  void aRunIsWarnedOfWhatIsNotThere() {
    try (LanguageModel model = open()) {
      TuningJob job = model.job(tuning().method(Method.lora()).build());
      try (TuningInputs inputs = TuningInputs.rehearsed(job, NOBODY)) {
        RunPlan asked = Planner.ofMemory(inputs.rows()).plan(job);
        long room = asked.peakBytes() - training(asked) / 3;
        String line = MemoryWarning.of(job, inputs.rows(), room).orElseThrow();
        assertTrue(line.startsWith("this run will need about "), line);
        assertTrue(line.contains(" of memory (training), and there are "), line);
        assertTrue(line.contains("; with `microBatchSize` "), line);
        assertTrue(MemoryWarning.of(job, inputs.rows(), Long.MAX_VALUE).isEmpty());
        assertTrue(MemoryWarning.of(job, inputs.rows(), 2 * asked.peakBytes()).isEmpty());
      }
    }
  }

  @Test
  void aProgramAsksForTimeToo() {
    try (LanguageModel model = open()) {
      RunPlan plan = model.plan(tuning().method(Method.lora()).heldOut(3).build());
      assertTrue(plan.seconds() > 0 && plan.seconds() < 600, "" + plan.seconds());
      assertEquals(13, plan.rows());
      Tuning wrong = tuning().targetModules("none_such").build();
      assertThrows(UsageFault.class, () -> model.plan(wrong));
      Fitting fitting = model.fit(tuning().build(), Long.MAX_VALUE);
      assertTrue(fitting.fits());
    }
  }
}
