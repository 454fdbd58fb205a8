/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.calibrate.Statistics;
import org.tlora.collective.Alone;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.format.Safetensors;
import org.tlora.golden.Passes;
import org.tlora.golden.Shared;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.model.Batch;
import org.tlora.model.CausalLm;
import org.tlora.model.Layout;
import org.tlora.model.Linear;
import org.tlora.model.Pass;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.TargetModules;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.run.Listeners;
import org.tlora.run.StopSignal;
import org.tlora.train.Schedule;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingParts;
import org.tlora.train.TrainingPosition;

/** Adapters on the vocabulary's tables, whole tables, single tokens and new ones train. */
class VocabularyTrainingTest {
  private static final int[] IDS = {33, 5, 47, 9, 61, 5, 75, 7, 89};

  @TempDir private Path directory;

  private static List<Encoded> rows() {
    List<Encoded> rows = new ArrayList<>();
    for (int r = 0; r < 8; r++) {
      int[] ids = IDS.clone();
      for (int i = 0; i < ids.length; i++) {
        ids[i] = (ids[i] + 3 * r * (i % 2)) % 340;
      }
      rows.add(new LearnedTokens(ids, ids.clone()));
    }
    return rows;
  }

  private static double loss(CausalLm model, AdapterSet adapters, boolean backward) {
    Batch batch = Batch.of(rows().subList(0, 2));
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Pass pass = Pass.recorded(tape, Layout.of(batch.lengths()), Adaptation.of(adapters));
      Variable hidden = model.hidden(pass, batch);
      Variable loss = Passes.loss(model, pass, hidden, batch, 16);
      double value = loss.value().item();
      if (backward) {
        tape.backward(loss, null);
      }
      return value;
    }
  }

  private static PretrainedModel base(String name) {
    return PretrainedModel.open(Shared.path("cases/models/" + name));
  }

  private static FineTuning start(
      CausalLm model, String method, List<String> targets, Beside beside) {
    List<Linear> layers = TargetModules.choose(model, targets);
    beside.check(model, layers);
    FineTuning tuning =
        new FineTuning(
            model,
            PeftMethods.named(method),
            new PeftOptions(4, 8, 0),
            layers,
            beside,
            new Alone());
    tuning.initialise(Statistics.none(), 3);
    return tuning;
  }

  /**
   * Along a random direction, the loss changes as the gradients say; of DoRA's those of the
   * magnitudes, since the others take norms for constants.
   */
  private static void checkGradients(CausalLm model, FineTuning tuning) {
    boolean dora = tuning.parameters().stream().anyMatch(p -> p.name().contains("magnitude"));
    List<Parameter> parameters =
        tuning.parameters().stream().filter(p -> !dora || p.name().contains("magnitude")).toList();
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, 5)) {
      for (Parameter p : parameters) { // away from where half of the factors are zero
        p.value().addInPlace(random.normal(0, 0.05, p.value().shape()));
      }
      loss(model, tuning.adapters(), true);
      List<Tensor> directions = new ArrayList<>();
      List<Double> slopes = new ArrayList<>();
      for (Parameter p : parameters) { // all of them first: the output layer adds to them again
        assertTrue(p.gradient() != null, p.name() + " has a gradient");
        Tensor direction = random.normal(0, 0.5, p.value().shape());
        directions.add(direction);
        slopes.add(p.gradient().mul(direction).to(DType.FLOAT64).sum().item());
      }
      for (int i = 0; i < parameters.size(); i++) {
        Parameter p = parameters.get(i);
        Tensor direction = directions.get(i);
        double slope = slopes.get(i);
        double step = 1e-3;
        p.value().addInPlace(direction, step);
        double up = loss(model, tuning.adapters(), false);
        p.value().addInPlace(direction, -2 * step);
        double down = loss(model, tuning.adapters(), false);
        p.value().addInPlace(direction, step);
        double measured = (up - down) / (2 * step);
        assertEquals(slope, measured, 5e-3 + 0.02 * Math.abs(measured), p.name());
        p.clearGradient();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "base, lora",
    "thinking, lora",
    "base, dora",
    "thinking, dora",
    "base, lora+",
    "base, rslora"
  })
  void adaptersOnBothTablesHaveTheRightGradients(String name, String method) {
    try (PretrainedModel files = base(name);
        CausalLm model = files.load(DType.FLOAT32)) {
      checkGradients(
          model,
          start(model, method, List.of("q_proj", "embed_tokens", "lm_head"), Beside.NOTHING));
    }
  }

  @Test
  void anAThatStartsAtZeroCannotBeFrozen() {
    try (PretrainedModel files = base("base");
        CausalLm model = files.load(DType.FLOAT32)) {
      List<Linear> tables = TargetModules.choose(model, List.of("q_proj", "embed_tokens"));
      PeftOptions options = new PeftOptions(4, true, 8, 0, Map.of("lora-fa", "true"));
      try (FineTuning tuning = new FineTuning(model, PeftMethods.named("lora"), options, tables)) {
        UsageFault fault =
            assertThrows(UsageFault.class, () -> tuning.initialise(Statistics.none(), 1));
        assertEquals(
            "`loraFa` does not go with `targetModules` embed_tokens, whose A starts at zero",
            fault.getMessage());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "thinking"})
  void tokensAndWholeModulesHaveTheRightGradients(String name) {
    try (PretrainedModel files = base(name);
        CausalLm model = files.load(DType.FLOAT32)) {
      checkGradients(
          model, start(model, "lora", List.of("q_proj"), new Beside(List.of(), List.of(5, 9))));
      model.restore();
      Beside whole = new Beside(List.of("embed_tokens", "lm_head", "norm"), List.of());
      checkGradients(model, start(model, "lora", List.of("q_proj"), whole));
    }
  }

  private static void train(CausalLm model, FineTuning tuning) {
    TrainingOptions options =
        new TrainingOptions(5, 0, 4, 4, 1e-2, Schedule.CONSTANT, 0, 0, 1, true, 0, false, 0, 3);
    TrainingParts parts =
        TrainingParts.of(model, Adaptation.of(tuning.adapters()), tuning.parameters());
    new Trainer(parts, options, Listeners.none(), StopSignal.NEVER).train(rows(), List.of());
  }

  private static float[] logits(CausalLm model, AdapterSet adapters) {
    return Passes.logits(model, Adaptation.of(adapters), IDS);
  }

  /** Trained, written and read into the same base, it computes the same. */
  private Map<String, long[]> roundTrip(String base, List<String> targets, Beside beside)
      throws IOException {
    Path adapter = Files.createDirectories(directory.resolve("adapter"));
    float[] trained;
    float[] before;
    try (PretrainedModel files = base(base);
        CausalLm model = files.load(DType.FLOAT32)) {
      before = logits(model, AdapterSet.empty());
      FineTuning tuning = start(model, "lora", targets, beside);
      train(model, tuning);
      tuning.write(adapter, files);
      trained = logits(model, tuning.adapters());
    }
    assertFalse(java.util.Arrays.equals(before, trained));
    try (PretrainedModel files = base(base);
        CausalLm model = files.load(DType.FLOAT32)) {
      AdapterSet read = Tunings.attach(adapter, model);
      assertArrayEquals(trained, logits(model, read), 1e-5f);
    }
    Map<String, long[]> shapes = new LinkedHashMap<>();
    try (Safetensors file = Safetensors.open(adapter.resolve("adapter_model.safetensors"))) {
      file.names().forEach(n -> shapes.put(n.replace("base_model.model.", ""), file.shape(n)));
    }
    return shapes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "thinking"})
  void adaptersOnTheTablesAreSavedAsPeftSavesThem(String base) throws IOException {
    Map<String, long[]> saved =
        roundTrip(base, List.of("q_proj", "embed_tokens", "lm_head"), Beside.NOTHING);
    int vocabulary = base.equals("base") ? 349 : 351;
    assertArrayEquals(new long[] {4, vocabulary}, saved.get("model.embed_tokens.lora_embedding_A"));
    assertArrayEquals(new long[] {32, 4}, saved.get("model.embed_tokens.lora_embedding_B"));
    assertArrayEquals(new long[] {4, 32}, saved.get("lm_head.lora_A.weight"));
    assertArrayEquals(new long[] {vocabulary, 4}, saved.get("lm_head.lora_B.weight"));
    assertFalse(saved.containsKey("model.embed_tokens.weight"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "thinking"})
  void tokensAreSavedAloneAndNoOthersChange(String base) throws IOException {
    Map<String, long[]> saved =
        roundTrip(base, List.of("q_proj"), new Beside(List.of(), List.of(5, 9)));
    String delta = ".token_adapter.trainable_tokens_delta";
    assertArrayEquals(new long[] {2, 32}, saved.get("model.embed_tokens" + delta));
    assertEquals(base.equals("base"), saved.containsKey("lm_head" + delta));
    assertFalse(saved.containsKey("model.embed_tokens.weight"));
    String indices =
        Json.readObject(directory.resolve("adapter/adapter_config.json"))
            .path("trainable_token_indices")
            .toString();
    assertEquals(
        base.equals("base") ? "{\"embed_tokens\":[5,9],\"lm_head\":[5,9]}" : "[5,9]", indices);
    try (PretrainedModel files = base(base);
        CausalLm model = files.load(DType.FLOAT32);
        Scope scope = new Scope()) {
      Tensor table = model.weights().get("model.embed_tokens.weight").copy();
      Tunings.attach(directory.resolve("adapter"), model);
      Tensor after = model.weights().get("model.embed_tokens.weight");
      for (int id = 0; id < table.size(0); id++) {
        boolean same =
            java.util.Arrays.equals(table.select(0, id).toFloats(), after.select(0, id).toFloats());
        assertEquals(id != 5 && id != 9, same, "token " + id);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "thinking"})
  void wholeModulesAreSavedAndTiedOnesStayTied(String base) throws IOException {
    Map<String, long[]> saved =
        roundTrip(
            base, List.of("q_proj"), new Beside(List.of("embed_tokens", "model.norm"), List.of()));
    assertTrue(saved.containsKey("model.embed_tokens.weight"), saved.keySet().toString());
    assertTrue(saved.containsKey("model.norm.weight"), saved.keySet().toString());
    var config = Json.readObject(directory.resolve("adapter/adapter_config.json"));
    assertEquals(base.equals("thinking"), config.path("ensure_weight_tying").asBoolean());
    assertEquals("[\"embed_tokens\",\"model.norm\"]", config.path("modules_to_save").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "thinking"})
  void newTokensStartAtTheMeanAndAreSavedWithTheirTokenizer(String base) throws IOException {
    Path adapter = Files.createDirectories(directory.resolve("adapter"));
    float[] trained;
    int first;
    try (PretrainedModel files = base(base);
        CausalLm model = files.load(DType.FLOAT32)) {
      int[] ids = files.addTokens(List.of("<step>", "<end of step>"));
      first = ids[0];
      assertThrows(UsageFault.class, () -> files.addTokens(List.of("<step>")));
      model.addTokens(ids);
      try (Scope scope = new Scope()) {
        Tensor table = model.weights().get("model.embed_tokens.weight");
        float[] mean = table.narrow(0, 0, first).mean(0, false).toFloats();
        assertArrayEquals(mean, table.select(0, first + 1).toFloats(), 1e-5f);
      }
      assertEquals(first, files.tokenizer().encode("a<step>", false)[1]);
      FineTuning tuning =
          start(model, "lora", List.of("q_proj"), new Beside(List.of(), List.of(first, first + 1)));
      train(model, tuning);
      tuning.write(adapter, files);
      trained = logits(model, tuning.adapters());
      assertEquals(0, trained.length % model.vocabularySize());
    }
    assertTrue(Files.exists(adapter.resolve("tokenizer.json")));
    try (PretrainedModel files = base(base);
        CausalLm model = files.load(DType.FLOAT32)) {
      AdapterSet read = Tunings.attach(adapter, model);
      files.useTokenizerOf(adapter);
      assertArrayEquals(trained, logits(model, read), 1e-5f);
      assertEquals(first, files.tokenizer().encode("a<step>", false)[1]);
      Path merged = directory.resolve("merged");
      org.tlora.export.HuggingFaceDirectory.writeMerged(merged, files, model, read, DType.FLOAT32);
      try (PretrainedModel mergedFiles = PretrainedModel.open(merged);
          CausalLm back = mergedFiles.load(DType.FLOAT32)) {
        assertArrayEquals(trained, logits(back, AdapterSet.empty()), 1e-4f);
        assertEquals(first, mergedFiles.tokenizer().encode("a<step>", false)[1]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"base, true", "base, false", "thinking, true", "thinking, false"})
  void aCheckpointKeepsWhatTrainsOnTheVocabulary(String base, boolean tokens) throws IOException {
    Beside beside =
        tokens
            ? new Beside(List.of(), List.of(5, 9))
            : new Beside(List.of("embed_tokens", "norm"), List.of());
    Path checkpoint = Files.createDirectories(directory.resolve("checkpoint"));
    float[] trained;
    List<String> names;
    try (PretrainedModel files = base(base);
        CausalLm model = files.load(DType.FLOAT32)) {
      FineTuning tuning = start(model, "lora", List.of("q_proj"), beside);
      train(model, tuning);
      TuningCheckpoint.write(
          checkpoint, tuning, TrainingPosition.START, Map.of(), Map.of(), List.of(Map.of()));
      trained = logits(model, tuning.adapters());
      names = tuning.parameters().stream().map(Parameter::name).toList();
    }
    try (Safetensors file = Safetensors.open(checkpoint.resolve("parameters.safetensors"))) {
      assertEquals(
          !tokens,
          file.names().contains("weight:model.embed_tokens.weight"),
          "of tokens no whole table is kept");
    }
    try (PretrainedModel files = base(base);
        CausalLm model = files.load(DType.FLOAT32)) {
      FineTuning tuning =
          new FineTuning(
              model,
              PeftMethods.named("lora"),
              new PeftOptions(4, 8, 0),
              TargetModules.choose(model, List.of("q_proj")),
              beside,
              new Alone());
      TuningCheckpoint.read(checkpoint).restore(model, tuning);
      assertArrayEquals(trained, logits(model, tuning.adapters()), "to the bit");
      assertEquals(names, tuning.parameters().stream().map(Parameter::name).toList());
      assertEquals(base.equals("thinking"), model.isTied());
    }
  }

  @Test
  void whatDoesNotGoTogetherIsSaid() {
    try (PretrainedModel files = base("thinking");
        CausalLm model = files.load(DType.FLOAT32)) {
      for (Beside beside :
          List.of(
              new Beside(List.of("embed_tokens"), List.of(5)),
              new Beside(List.of("q_proj"), List.of()),
              new Beside(List.of(), List.of(99_999)))) {
        assertThrows(
            UsageFault.class, () -> start(model, "lora", List.of("q_proj"), beside), "" + beside);
      }
      for (String named : List.of("embed_tokens", "lm_head")) {
        Beside head = new Beside(List.of("lm_head"), List.of());
        assertThrows(UsageFault.class, () -> start(model, "lora", List.of(named), head));
        assertThrows(UsageFault.class, () -> start(model, "tlora", List.of(named), Beside.NOTHING));
      }
    }
  }
}
