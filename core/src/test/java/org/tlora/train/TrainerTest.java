/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.Adaptation;
import org.tlora.model.Adapter;
import org.tlora.objective.CrossEntropy;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.testing.JavaProcess;
import org.tlora.testing.StartsProcess;
import org.tlora.testing.TakesLong;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

class TrainerTest {
  @TempDir private Path directory;

  /** Collects what it is told. */
  private static final class Log implements RunListener {
    private final List<StepReport> steps = new ArrayList<>();
    private final List<Double> heldOut = new ArrayList<>();
    private FineTuning tuning;

    @Override
    public void step(StepReport report) {
      steps.add(report);
    }

    @Override
    public void evaluation(long step, Map<String, Double> scalars) {
      heldOut.add(scalars.get(EVAL_LOSS));
    }

    List<Double> losses() {
      return steps.stream().map(StepReport::loss).toList();
    }
  }

  private static TrainingOptions options(
      long steps, int batch, int microBatch, long evaluateEvery, boolean recompute) {
    return new TrainingOptions(
        steps,
        1,
        batch,
        microBatch,
        2e-3,
        Schedule.LINEAR,
        0,
        0.01,
        1,
        true,
        evaluateEvery,
        recompute,
        1,
        3);
  }

  private static Log train(
      TinyModels tiny, String methodName, PeftOptions peft, TrainingOptions options) {
    List<Encoded> rows = tiny.rows(64);
    PeftMethod method = PeftMethods.named(methodName);
    FineTuning tuning = Tunings.start(tiny.model(), method, peft, rows.subList(0, 8), 5);
    Log log = new Log();
    new Trainer(parts(tiny, tuning), options, log, Listeners.none(), StopSignal.NEVER)
        .train(rows, tiny.rows(80).subList(64, 80));
    log.tuning = tuning;
    return log;
  }

  private static TrainingParts parts(TinyModels tiny, FineTuning tuning) {
    return TrainingParts.of(tiny.model(), Adaptation.of(tuning.adapters()), tuning.parameters())
        .with((LongFunction<TrainingRule>) tuning::rule);
  }

  private static Trainer trainer(
      TinyModels tiny, FineTuning tuning, TrainingOptions options, Log log) {
    return new Trainer(parts(tiny, tuning), options, log, Listeners.none(), StopSignal.NEVER);
  }

  /** Steps over which growth of memory is looked at. */
  private static final int WINDOW = 20;

  private static final PeftOptions PLAIN = new PeftOptions(4, 8, 0);

  @Test
  @StartsProcess
  void residentMemoryIsFlatOverFiveHundredSteps() throws IOException, InterruptedException {
    Process process =
        JavaProcess.of(
                LongTraining.class,
                List.of("-Xms192m", "-Xmx192m", "-XX:+UseSerialGC", "-XX:+AlwaysPreTouch"),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<Long> resident;
    try (BufferedReader out = process.inputReader()) {
      resident = out.lines().map(Long::valueOf).toList();
    }
    assertEquals(0, process.waitFor());
    assertEquals(600, resident.size());
    // the just-in-time compiler and the allocators take memory in a few leaps of 10 MB at moments
    // of
    // their own, a leak takes it in every window: half of the windows must be flat
    List<Long> growths = new ArrayList<>();
    for (int step = 300; step + WINDOW < resident.size(); step += WINDOW) {
      growths.add(resident.get(step + WINDOW) - resident.get(step));
    }
    Collections.sort(growths);
    long median = growths.get(growths.size() / 2);
    // one leaked activation a step would be 136 tokens × 192 × 4 bytes
    long leak = WINDOW * 136L * 192 * 4;
    assertTrue(
        median < leak / 2,
        () -> "resident memory grows by " + median + " bytes in " + WINDOW + " steps: " + growths);
  }

  @Test
  @TakesLong
  void theSameSeedGivesTheSameBits() {
    for (String method : PeftMethods.names()) {
      List<float[]> first = weightsAfterTraining(method);
      List<float[]> second = weightsAfterTraining(method);
      for (int i = 0; i < first.size(); i++) {
        assertArrayEquals(first.get(i), second.get(i), method);
      }
    }
  }

  private List<float[]> weightsAfterTraining(String method) {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      Log log = train(tiny, method, new PeftOptions(4, 4, 0.1), options(2, 8, 4, 0, false));
      List<float[]> weights = new ArrayList<>();
      for (var l : tiny.model().linears()) {
        weights.add(l.denseWeight().toFloats());
        Adapter adapter = log.tuning.adapters().on(l);
        if (adapter != null) {
          adapter.parameters().forEach(p -> weights.add(p.value().toFloats()));
        }
      }
      return weights;
    }
  }

  @Test
  void recomputationAndMicroBatchesChangeNothing() {
    PeftOptions dropping = new PeftOptions(4, 4, 0.2);
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      List<Double> plain = train(tiny, "lora", dropping, options(6, 8, 8, 0, false)).losses();
      List<Double> recomputed = train(tiny, "lora", dropping, options(6, 8, 8, 0, true)).losses();
      assertEquals(plain, recomputed, "also under dropout");
      List<Double> whole = train(tiny, "lora", PLAIN, options(6, 8, 8, 0, false)).losses();
      List<Double> parts = train(tiny, "lora", PLAIN, options(6, 8, 3, 0, false)).losses();
      for (int i = 0; i < 6; i++) {
        assertEquals(whole.get(i), parts.get(i), 1e-4, "step " + i);
      }
    }
  }

  @TakesLong
  @Test
  void bfloat16StartsFromNearlyTheSameLossAndGradientAndLearns() {
    try (TinyModels full = new TinyModels(directory, DType.FLOAT32);
        TinyModels half = new TinyModels(directory, DType.BFLOAT16)) {
      Log exact = train(full, "lora", PLAIN, options(20, 8, 8, 0, false));
      Log rounded = train(half, "lora", PLAIN, options(20, 8, 8, 0, false));
      StepReport a = exact.steps.get(0);
      StepReport b = rounded.steps.get(0);
      assertEquals(a.loss(), b.loss(), 0.01 * a.loss());
      double norm = a.get(StepReport.GRADIENT_NORM);
      assertEquals(norm, b.get(StepReport.GRADIENT_NORM), 0.05 * norm);
      assertTrue(rounded.steps.get(19).loss() < 0.8 * b.loss(), "" + rounded.losses());
    }
  }

  @Test
  void heldOutRowsAreEvaluatedWhenAskedAndAtTheEnd() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      Log log = train(tiny, "lora", PLAIN, options(7, 8, 4, 3, false));
      assertEquals(3, log.heldOut.size(), "after steps 3, 6 and 7");
      assertTrue(log.heldOut.get(2) < log.heldOut.get(0));
      double again =
          HeldOutLoss.of(
              tiny.model(),
              Adaptation.of(log.tuning.adapters()),
              new CrossEntropy(),
              tiny.rows(80).subList(64, 80),
              16);
      assertEquals(log.heldOut.get(2), again, 1e-5, "packing does not change the loss");
    }
  }

  @Test
  void trainingStopsAfterTheStepInWhichItIsAskedTo() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      FineTuning tuning =
          Tunings.start(tiny.model(), PeftMethods.named("lora"), PLAIN, List.of(), 5);
      Log log = new Log();
      Trainer.Outcome outcome =
          new Trainer(
                  parts(tiny, tuning),
                  options(50, 4, 4, 0, false),
                  log,
                  Listeners.none(),
                  () -> log.steps.size() == 3)
              .train(tiny.rows(16), List.of());
      assertTrue(outcome.interrupted());
      assertEquals(3, outcome.steps());
    }
  }

  /** Keeps the last checkpoint in memory. */
  private static final class Kept implements Checkpoints {
    private final Start from;
    private TrainingPosition saved;
    private final Map<String, Tensor> state = new HashMap<>();

    private Kept(Start from) {
      this.from = from;
    }

    @Override
    public Start start() {
      return from;
    }

    @Override
    public boolean isDue(long steps) {
      return false;
    }

    @Override
    public void save(TrainingPosition position, Map<String, Tensor> tensors) {
      saved = position;
      tensors.forEach((name, t) -> state.put(name, t.copy().detachFromScope()));
    }
  }

  /** Trains seven steps with an evaluation after each third, and the last. */
  private static Log resumable(
      TinyModels tiny, FineTuning tuning, Checkpoints checkpoints, int stopAfter) {
    Log log = new Log();
    new Trainer(
            parts(tiny, tuning),
            options(7, 4, 4, 3, false),
            log,
            Listeners.none(),
            () -> log.steps.size() == stopAfter)
        .train(tiny.rows(10), i -> "", tiny.rows(40).subList(30, 40), checkpoints);
    return log;
  }

  /** A large step takes long, and whoever stops a run may not wait for the rest of it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aStepThatIsStoppedInTheMiddleIsNotTakenAndIsMadeAgain(int steps) {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      PeftMethod lora = PeftMethods.named("lora");
      TrainingOptions inThree = options(4, 6, 2, 0, false);
      List<Encoded> rows = tiny.rows(12);
      Log whole = new Log();
      FineTuning undisturbed = Tunings.start(tiny.model(), lora, PLAIN, List.of(), 5);
      trainer(tiny, undisturbed, inThree, whole).train(rows, List.of());

      FineTuning tuning = Tunings.start(tiny.model(), lora, PLAIN, List.of(), 5);
      Kept kept = new Kept(Checkpoints.Start.FROM_NOTHING);
      Log first = new Log();
      int[] asked = {0};
      // asked twice within each step and once behind it
      StopSignal second = () -> ++asked[0] == 3 * steps + 2;
      Trainer.Outcome stopped =
          new Trainer(parts(tiny, tuning), inThree, first, Listeners.none(), second)
              .train(rows, i -> "", List.of(), kept);
      assertTrue(stopped.interrupted());
      assertEquals(steps, stopped.steps());
      assertEquals(steps, kept.saved.steps());
      assertEquals(3 * steps + 2, asked[0], "nothing else is run");
      Log rest = new Log();
      Kept from = new Kept(new Checkpoints.Start(kept.saved, kept.state));
      trainer(tiny, tuning, inThree, rest).train(rows, i -> "", List.of(), from);
      assertEquals(whole.losses().subList(steps, 4), rest.losses(), "to the bit");
      kept.state.values().forEach(Tensor::close);
    }
  }

  @ParameterizedTest
  @TakesLong
  @ValueSource(ints = {2, 3, 6, 7})
  void whoeverStopsARunDoesNotWaitForAnEvaluationWhichIsMadeWhenItGoesOn(int stopAfter) {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      PeftMethod lora = PeftMethods.named("lora");
      Log whole =
          resumable(
              tiny, Tunings.start(tiny.model(), lora, PLAIN, List.of(), 5), Checkpoints.NONE, 99);
      FineTuning tuning = Tunings.start(tiny.model(), lora, PLAIN, List.of(), 5);
      Kept kept = new Kept(Checkpoints.Start.FROM_NOTHING);
      Log first = resumable(tiny, tuning, kept, stopAfter);
      assertEquals(stopAfter, first.steps.size());
      assertEquals((stopAfter - 1) / 3, first.heldOut.size(), "none after the request");
      assertEquals(stopAfter, kept.saved.steps());
      assertEquals(stopAfter != 2, kept.saved.evaluationDue());
      Kept from = new Kept(new Checkpoints.Start(kept.saved, kept.state));
      Log second = resumable(tiny, tuning, from, 99);
      assertEquals(whole.losses().subList(stopAfter, 7), second.losses(), "to the bit");
      List<Double> heldOut = new ArrayList<>(first.heldOut);
      heldOut.addAll(second.heldOut);
      assertEquals(whole.heldOut, heldOut);
      kept.state.values().forEach(Tensor::close);
    }
  }

  @Test
  void aSingleStepOnFewRowsSeesEachOnceAndLearns() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      FineTuning tuning =
          Tunings.start(tiny.model(), PeftMethods.named("lora"), PLAIN, List.of(), 5);
      TrainingOptions once =
          new TrainingOptions(0, 1, 64, 4, 2e-3, Schedule.COSINE, 0.03, 0, 1, true, 0, false, 0, 3);
      List<Encoded> rows = tiny.rows(10);
      Log log = new Log();
      trainer(tiny, tuning, once, log).train(rows, List.of());
      assertEquals(1, log.steps.size());
      StepReport step = log.steps.get(0);
      assertEquals(
          (double) rows.stream().mapToLong(Encoded::supervisedTokens).sum(),
          step.get(StepReport.SUPERVISED_TOKENS));
      assertEquals(
          (double) rows.stream().mapToLong(r -> r.ids().length).sum(), step.get(StepReport.TOKENS));
      assertEquals(1.0, step.get(StepReport.EPOCH));
      assertEquals(2e-3, step.get(StepReport.LEARNING_RATE));
      double b = 0;
      for (var l : tiny.model().linears()) {
        b += ((LowRankAdapter) tuning.adapters().on(l)).b().norm();
      }
      assertTrue(b > 0, "B has left zero");
    }
  }

  @Test
  void ratesBeyondFloat32AreRefused() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      PeftOptions steep = new PeftOptions(4, true, 4, 0, Map.of("lora-plus-ratio", "1e38"));
      FineTuning tuning =
          Tunings.start(tiny.model(), PeftMethods.named("lora+"), steep, List.of(), 5);
      TrainingOptions fast =
          new TrainingOptions(1, 1, 4, 4, 1e3, Schedule.LINEAR, 0, 0, 1, true, 0, false, 0, 3);
      Trainer trainer = trainer(tiny, tuning, fast, new Log());
      assertThrows(UsageFault.class, () -> trainer.train(tiny.rows(8), List.of()));
    }
  }

  @Test
  void aLossThatIsNotFiniteIsAFault() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      FineTuning tuning =
          Tunings.start(tiny.model(), PeftMethods.named("lora"), PLAIN, List.of(), 5);
      ((LowRankAdapter) tuning.adapters().on(tiny.model().linears().get(3)))
          .b()
          .fillInPlace(Double.NaN);
      Trainer trainer = trainer(tiny, tuning, options(5, 4, 4, 0, false), new Log());
      assertThrows(RunFault.class, () -> trainer.train(tiny.rows(16), List.of()));
    }
  }

  @Test
  void schedulesEqualTransformers() {
    assertEquals(0, Schedule.COSINE.factor(0, 30, 1));
    assertEquals(1, Schedule.COSINE.factor(1, 30, 1));
    assertEquals(0.5, Schedule.COSINE.factor(15, 29, 1), 1e-12);
    assertEquals(0.5, Schedule.LINEAR.factor(6, 10, 2), 1e-12);
    assertEquals(1, Schedule.CONSTANT.factor(9, 10, 2));
    assertThrows(UsageFault.class, () -> Schedule.named("wavy"));
  }
}
