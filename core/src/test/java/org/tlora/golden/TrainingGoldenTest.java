package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.autograd.Parameter;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.export.HuggingFaceDirectory;
import org.tlora.format.Safetensors;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.CausalLm;
import org.tlora.model.Linear;
import org.tlora.model.family.PretrainedModel;
import org.tlora.peft.AdapterDirectory;
import org.tlora.peft.LowRankAdapter;
import org.tlora.train.Schedule;
import org.tlora.train.StepMetrics;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingListener;
import org.tlora.train.TrainingOptions;

/** Thirty steps from a given initial adapter equal those of the published code and of HF PEFT. */
class TrainingGoldenTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "a_frozen, 4, false",
    "a_frozen, 4, true",
    "a_frozen, 2, false",
    "a_trained, 4, false",
    "a_trained, 2, false"
  })
  void tloraEqualsThePublishedCode(String run, int microBatch, boolean recompute) {
    JsonNode allocation = TinyLlama.Golden.read("golden/tlora/allocation.json").path("modules");
    Path golden = Shared.path("golden/tlora/" + run);
    try (TinyLlama tiny = new TinyLlama();
        Safetensors initial = Safetensors.open(Shared.path("golden/tlora/initial_A.safetensors"))) {
      for (Linear l : tiny.model().linears()) {
        Tensor a = initial.load(TloraGoldenTest.tensorOf(initial, l), DType.FLOAT32);
        Tensor b = Tensor.zeros(DType.FLOAT32, l.outFeatures(), a.size(0));
        double scaling = allocation.path(l.name()).path("scaling").asDouble();
        l.attach(new LowRankAdapter(l.name(), a, b, scaling, 0, run.equals("a_trained")));
      }
      trainAndCompare(tiny, golden, microBatch, recompute);
      compareAfterwards(tiny, golden);
    }
  }

  @Test
  void loraEqualsHfPeftFromItsInitialAdapter() {
    Path golden = Shared.path("golden/methods/lora");
    try (TinyLlama tiny = new TinyLlama()) {
      AdapterDirectory.read(golden.resolve("initial"), tiny.model(), true, 0);
      trainAndCompare(tiny, golden, 4, false);
      compareAfterwards(tiny, golden);
    }
  }

  private static void trainAndCompare(
      TinyLlama tiny, Path golden, int microBatch, boolean recompute) {
    JsonNode training = TinyLlama.Golden.read(golden.resolve("training.json").toString());
    List<Parameter> parameters = parameters(tiny.model());
    long trainable = parameters.stream().mapToLong(p -> p.value().size()).sum();
    if (!golden.endsWith("a_trained")) {
      assertEquals(training.path("trainable_parameters").asLong(), trainable);
    }
    TrainingOptions options =
        new TrainingOptions(
            30, 0, 4, microBatch, 1e-3, Schedule.COSINE, 0.03, 0, 1, false, 0, recompute, 0);
    List<StepMetrics> steps = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(StepMetrics metrics, long total) {
            steps.add(metrics);
          }

          @Override
          public void onEvaluation(long step, double loss) {}
        };
    new Trainer(tiny.model(), parameters, options, listener, () -> false)
        .train(TinyLlama.rows(), List.of());
    assertEquals(30, steps.size());
    for (int i = 0; i < 30; i++) {
      JsonNode expected = training.path("steps").get(i);
      StepMetrics actual = steps.get(i);
      assertEquals(expected.path("loss").asDouble(), actual.loss(), 1e-4, "loss of step " + i);
      Expect.relative(
          expected.path("grad_norm").asDouble(),
          actual.gradientNorm(),
          1e-4,
          1e-7,
          "gradient norm of step " + i);
      assertEquals(expected.path("lr").asDouble(), actual.learningRate(), 1e-9);
    }
  }

  /** Logits and greedy text: of the adapter, of the saved and reloaded one, of the merged model. */
  private void compareAfterwards(TinyLlama tiny, Path golden) {
    JsonNode after = TinyLlama.Golden.read(golden.resolve("after.json").toString());
    compare(tiny.model(), after, "last_logits");
    AdapterDirectory.write(directory, tiny.model(), "tiny-llama", 8, 8, 0);
    AdapterDirectory.read(directory, tiny.model(), false, 0);
    compare(tiny.model(), after, "last_logits");
    Path merged = directory.resolve("merged");
    HuggingFaceDirectory.writeMerged(merged, tiny.files(), tiny.model(), DType.FLOAT32);
    try (PretrainedModel files = PretrainedModel.open(merged);
        CausalLm model = files.load(DType.FLOAT32)) {
      compare(model, after, "merged_last_logits");
    }
  }

  private static void compare(CausalLm model, JsonNode after, String logits) {
    Generator generator = new Generator(model, null, List.of(2));
    for (JsonNode row : after) {
      int[] prompt = Expect.ints(row.path("prompt_ids"));
      try (Scope scope = new Scope()) {
        Generation g =
            generator.generate(new GenerationRequest(prompt, 32), Sampling.GREEDY, StopWords.NONE);
        Expect.close(row.path(logits), g.lastPromptLogits(), 1e-4, logits);
        Expect.ids(row.path("greedy_ids"), g.ids(), "greedy ids");
      }
    }
  }

  private static List<Parameter> parameters(CausalLm model) {
    return model.linears().stream().flatMap(l -> l.adapter().parameters().stream()).toList();
  }
}
