/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;
import org.tlora.data.Lesson;
import org.tlora.data.RowFields;
import org.tlora.data.RowFormat;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.generate.Generation;
import org.tlora.objective.CrossEntropy;
import org.tlora.objective.Forward;
import org.tlora.objective.Objective;
import org.tlora.peft.method.Tlora;
import org.tlora.run.RunEnd;
import org.tlora.run.RunListener;
import org.tlora.run.RunStart;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;

/** The library as a program uses it. */
class LanguageModelTest {
  private static final String ADAPTER = "adapter_model.safetensors";

  @TempDir private Path directory;
  private String model;
  private Path data;

  @BeforeEach
  void prepare() throws IOException {
    Path files = directory.resolve("model");
    RememberedTest.template(files);
    model = files.toString();
    data = directory.resolve("data.jsonl");
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      String word = "lanike".substring(i % 3) + "bo".repeat(1 + i % 4);
      rows.append("{\"instruction\": \"Double " + word + ".\", ");
      rows.append("\"response\": \"" + word + word + "\"}\n");
    }
    Files.writeString(data, rows);
  }

  private TuningBuilder tuning(String output) {
    return Tuning.builder()
        .data(data.toString())
        .template("plain")
        .rank(4)
        .steps(6)
        .batchSize(2)
        .learningRate(5e-2)
        .dtype("float32")
        .calibrationSamples("4")
        .output(directory.resolve(output));
  }

  private TuningBuilder int8(String output) {
    return tuning(output).method(Method.lora()).quantize("int8").steps(12);
  }

  private LanguageModel load() {
    return LanguageModel.of(model).dtype("float32").load();
  }

  private static GenerationOptions few() {
    return GenerationOptions.builder().maxNewTokens(8).build();
  }

  @Test
  void anAdapterIsTrainedAttachedDetachedAndMerged() {
    try (LanguageModel base = load()) {
      Prompt prompt = Prompt.of("Double lanikebo.");
      String before = base.generate(prompt, few()).text();
      TrainingResult result = base.train(tuning("run").build()).join();
      assertFalse(result.interrupted());
      assertEquals(6, result.steps());
      assertTrue(result.loss() > 0 && result.trainableParameters() > 0);
      assertEquals(before, base.generate(prompt, few()).text(), "the base is as it was");
      try (TrainedAdapter adapter = base.adapter(result.output().toString())) {
        base.attach(adapter);
        String tuned = base.generate(prompt, few()).text();
        assertNotEquals(before, tuned);
        base.export(adapter).merged(directory.resolve("merged"));
        base.attach(adapter, 0);
        assertEquals(before, base.generate(prompt, few()).text());
        base.detach(adapter);
        assertEquals(before, base.generate(prompt, few()).text());
        try (LanguageModel merged =
                LanguageModel.of(directory.resolve("merged").toString()).dtype("float32").load();
            LanguageModel carrying =
                LanguageModel.of(model)
                    .adapter(result.output().toString())
                    .dtype("float32")
                    .load()) {
          assertEquals(tuned, merged.generate(prompt, few()).text());
          assertEquals(tuned, carrying.generate(prompt, few()).text());
        }
      }
    }
  }

  @Test
  void theSameTuningGivesTheSameBytesOnSharedWeightsAndOnItsOwn() throws IOException {
    try (LanguageModel loaded = load();
        LanguageModel opened = LanguageModel.of(model).open()) {
      Path shared = loaded.train(tuning("shared").build()).join().output();
      Path own = opened.train(tuning("own").build()).join().output();
      assertArrayEquals(
          Files.readAllBytes(own.resolve(ADAPTER)), Files.readAllBytes(shared.resolve(ADAPTER)));
    }
  }

  @Test
  void aRunThatIsStoppedGoesOnToTheSameBytes() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    RunListener look =
        new RunListener() {
          @Override
          public void step(StepReport report) {
            begun.countDown();
          }
        };
    try (LanguageModel opened = LanguageModel.of(model).open()) {
      Path whole = opened.train(tuning("whole").steps(40).build()).join().output();
      TrainingRun run =
          opened.train(tuning("parts").steps(40).saveEvery("1").listeners(look).build());
      begun.await();
      run.stop();
      TrainingResult first = run.join();
      assertTrue(run.isDone());
      if (first.interrupted()) { // else it was through before it was told
        assertThrows(
            UsageFault.class, () -> opened.train(tuning("parts").steps(40).build()).join());
        TrainingResult rest =
            opened.train(tuning("parts").steps(40).saveEvery("1").resume(true).build()).join();
        assertFalse(rest.interrupted());
        assertEquals(40, rest.steps());
      }
      assertArrayEquals(
          Files.readAllBytes(whole.resolve(ADAPTER)),
          Files.readAllBytes(first.output().resolve(ADAPTER)));
    }
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnceByItsName() {
    UsageFault fault =
        assertThrows(
            UsageFault.class,
            () ->
                Tuning.builder()
                    .method(Method.tlora().with(Tlora.INIT, "none"))
                    .rank(0)
                    .learningRate(-1)
                    .schedule("square")
                    .cutoffLength(1)
                    .saveEvery("often")
                    .dtype("int3")
                    .build());
    List<String> names = fault.problems().stream().map(p -> p.split(" ")[0]).toList();
    for (String name :
        List.of(
            "`data`",
            "`output`",
            "`rank`",
            "`learningRate`",
            "`schedule`",
            "`cutoffLength`",
            "`saveEvery`",
            "`dtype`",
            "`init`")) {
      assertTrue(names.contains(name), name + " in " + fault.getMessage());
    }
    assertEquals(9, names.size(), fault.getMessage());
    assertThrows(
        UsageFault.class, () -> GenerationOptions.builder().temperature(-1).topP(3).build());
    assertThrows(UsageFault.class, () -> Method.named("qlora2"));
    assertThrows(InputFault.class, () -> LanguageModel.load("nowhere/at all"));
  }

  @Test
  void aListenerHearsOfTheBeginningAndTheEnd() {
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    RunListener look =
        new RunListener() {
          @Override
          public void started(RunStart start) {
            heard.add(start.method() + " " + start.trainableParameters());
          }

          @Override
          public void ended(RunEnd end) {
            heard.add(end.steps() + " " + end.interrupted() + " " + end.failure());
          }
        };
    try (LanguageModel opened = LanguageModel.of(model).open()) {
      TrainingResult result = opened.train(tuning("heard").listeners(look).build()).join();
      assertEquals(
          List.of("tlora " + result.trainableParameters(), "6 false null"), List.copyOf(heard));
    }
  }

  @Test
  void textsAreStreamedInPiecesAndCancelled() {
    try (LanguageModel base = load()) {
      StringBuilder pieces = new StringBuilder();
      Prompt prompt = Prompt.of("Double lanike.");
      Generation whole = base.generate(prompt, few(), pieces::append);
      assertEquals(whole.text(), pieces.toString());
      assertEquals(base.generate(prompt, few()).text(), whole.text());
      var asked =
          base.submit(
              prompt, GenerationOptions.builder().maxNewTokens(100_000).build(), piece -> {});
      asked.cancel();
      assertTrue(asked.result().join().ids().length < 100_000);
    }
  }

  @Test
  void aConversationComputesOnlyWhatIsNew() {
    try (LanguageModel base = load()) {
      Chat chat = base.chat("Be brief.", few());
      chat.ask("Double lanike.");
      Generation second = chat.ask("Again.", piece -> {}).orElseThrow();
      assertTrue(second.reusedTokens() > 10, "" + second.reusedTokens());
      assertEquals(4, chat.turns());
      chat.reset();
      assertEquals(0, chat.turns());
    }
  }

  @Test
  void adaptersTrainOnABaseInEightBitsAndNothingElseDoes() throws IOException {
    try (LanguageModel small = LanguageModel.of(model).dtype("float32").weights("int8").load()) {
      TrainingResult result = small.train(tuning("int8").quantize("int8").build()).join();
      assertTrue(Double.isFinite(result.loss()));
      Path whole = small.train(int8("whole").build()).join().output();
      TrainingRun run = small.train(int8("parts").saveEvery("1").build());
      run.stop();
      assertTrue(run.join().interrupted());
      small.train(int8("parts").resume(true).build()).join();
      assertArrayEquals(
          Files.readAllBytes(whole.resolve(ADAPTER)),
          Files.readAllBytes(directory.resolve("parts").resolve(ADAPTER)));
      UsageFault fault =
          assertThrows(
              UsageFault.class,
              () -> tuning("full").method(Method.full()).quantize("int8").build());
      assertTrue(fault.getMessage().contains("`quantize`"), fault.getMessage());
    }
  }

  @Test
  void aTaskOfOnesOwnIsScoredWithWhatIsAttached() throws IOException {
    Path task = directory.resolve("doubling.yaml");
    Files.writeString(
        task,
        """
        name: doubling
        template: plain
        prompt: |-
          {instruction}
        max-new-tokens: 16
        grader:
          kind: pattern
          pattern: "([a-z]+)"
          gold: response
        """);
    try (LanguageModel base = load()) {
      List<TaskScore> scores =
          base.evaluate(Evaluation.builder().task(task.toString(), data).limit(3).build());
      assertEquals(3, scores.get(0).count());
      assertEquals("doubling", scores.get(0).task());
    }
  }

  @Test
  void anObjectiveOfOnesOwnIsTrainedOn() {
    Objective doubled =
        new Objective() {
          private final Objective usual = new CrossEntropy();

          @Override
          public String name() {
            return "doubled";
          }

          @Override
          public Variable loss(Forward forward, List<? extends Encoded> rows, double divisor) {
            return usual.loss(forward, rows, divisor / 2);
          }
        };
    try (LanguageModel opened = LanguageModel.of(model).open()) {
      double once = opened.train(tuning("once").steps(1).build()).join().loss();
      double twice =
          opened.train(tuning("twice").steps(1).objective(doubled).build()).join().loss();
      assertEquals(2 * once, twice, 1e-5);
    }
  }

  @Test
  void calibrationAloneWritesTheStart() {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    RunListener look =
        new RunListener() {
          @Override
          public void message(String text) {
            lines.add(text);
          }
        };
    try (LanguageModel opened = LanguageModel.of(model).open()) {
      opened.calibrate(tuning("start").listeners(look).build());
      assertTrue(Files.exists(directory.resolve("start/calibration.json")));
      assertTrue(Files.exists(directory.resolve("start/adapter_model.safetensors")));
      assertTrue(lines.toString().contains("initial adapter"), lines.toString());
      assertThrows(RunFault.class, () -> opened.calibrate(tuning("never").build(), () -> true));
      assertThrows(
          UsageFault.class,
          () -> opened.calibrate(tuning("none").method(Method.full()).build(), StopSignal.NEVER));
    }
  }

  @Test
  void aFormatOfOnesOwnReadsRowsAndWhatItLeavesIsNamed() throws IOException {
    Path tickets = directory.resolve("tickets.jsonl");
    Files.writeString(
        tickets,
        """
        {"subject": "Printer", "lines": ["It is", "on fire"], "closing": "Water.", "vip": true}
        {"subject": "Mouse", "lines": ["It ran"], "closing": "Cheese.", "vip": false}
        """);
    RowFormat format =
        new RowFormat() {
          @Override
          public String name() {
            return "tickets";
          }

          @Override
          public Lesson read(RowFields row) {
            List<?> lines = (List<?>) row.value("lines");
            String text =
                row.text("subject") + ": " + String.join(" ", lines.toArray(String[]::new));
            return new Lesson.Response(text, "", row.text("closing"));
          }
        };
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    RunListener look =
        new RunListener() {
          @Override
          public void message(String text) {
            lines.add(text);
          }
        };
    RowReading reading = RowReading.builder().format(format).build();
    try (LanguageModel opened = LanguageModel.of(model).open()) {
      Tuning tuning =
          tuning("tickets").data(tickets.toString()).rows(reading).steps(1).listeners(look).build();
      assertEquals(1, opened.train(tuning).join().steps());
    }
    assertTrue(lines.toString().contains("2 rows as tickets"), lines.toString());
    assertTrue(lines.toString().contains("field 'vip' is not used: 2 times"), lines.toString());
    assertThrows(
        UsageFault.class, () -> RowReading.builder().format(format).promptField("subject").build());
  }

  @Test
  void closingAModelStopsWhatTrainsOnIt() {
    TrainingRun run;
    try (LanguageModel base = load()) {
      run = base.train(tuning("endless").method(Method.lora()).steps(1_000_000).build());
    }
    assertTrue(run.isDone());
    assertTrue(run.join().interrupted());
  }

  @Test
  void whatHasNoMeaningIsRefused() {
    assertThrows(UsageFault.class, () -> GenerationOptions.builder().topP(0.9).build());
    try (LanguageModel opened = LanguageModel.of(model).open()) {
      assertThrows(UsageFault.class, () -> opened.calibrate(tuning("none").resume(true).build()));
      UsageFault full =
          assertThrows(
              UsageFault.class,
              () ->
                  opened.compare(
                      tuning("none").quantize("int8").build(),
                      Contest.of("lora", "full"),
                      StopSignal.NEVER));
      assertTrue(full.getMessage().contains("`quantize` int8"), full.getMessage());
      assertFalse(Files.exists(directory.resolve("none/lora")), "before anything has trained");
      assertThrows(
          UsageFault.class,
          () ->
              opened.compare(
                  tuning("none").initAdapter(directory).build(),
                  Contest.of("lora"),
                  StopSignal.NEVER));
    }
  }

  @Test
  void methodsAreComparedOnTheSameRows() {
    try (LanguageModel opened = LanguageModel.of(model).open()) {
      boolean through =
          opened.compare(
              tuning("table").steps(2).build(), Contest.of("lora", "tlora"), StopSignal.NEVER);
      assertTrue(through);
      assertTrue(Files.exists(directory.resolve("table/comparison.md")));
    }
  }
}
