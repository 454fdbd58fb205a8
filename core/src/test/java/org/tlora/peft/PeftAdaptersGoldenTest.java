package org.tlora.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.export.GgufExport;
import org.tlora.export.HuggingFaceDirectory;
import org.tlora.format.GgufStorage;
import org.tlora.format.Json;
import org.tlora.golden.Shared;
import org.tlora.model.CausalLm;
import org.tlora.model.Layout;
import org.tlora.model.Pass;
import org.tlora.model.family.PretrainedModel;
import org.tlora.tune.Tunings;

/**
 * Adapters of HF PEFT 0.21.2 that touch the vocabulary or a bias compute what PEFT computes with
 * them: as they are, saved again, merged, and as GGUF. {@code interop/adapters_golden.py} made
 * them.
 */
class PeftAdaptersGoldenTest {
  private static final Path ADAPTERS =
      Path.of(System.getProperty("tlora.root", ".."), "core/src/test/resources/peft-adapters");

  /** Logits are of magnitude 5; PEFT's are rounded to six decimals. */
  private static final double TOLERANCE = 2e-5;

  @TempDir private Path directory;

  static List<String> adapters() throws IOException {
    try (Stream<Path> all = Files.list(ADAPTERS)) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private record Expected(Path base, int[] ids, double[] logits) {
    static Expected of(Path adapter) {
      ObjectNode json = Json.readObject(adapter.resolve("expected.json"));
      return new Expected(
          Shared.path("cases/models/" + json.path("base").asText()),
          numbers(json, "ids").mapToInt(n -> (int) n).toArray(),
          numbers(json, "logits").toArray());
    }

    private static DoubleStream numbers(ObjectNode json, String key) {
      return StreamSupport.stream(json.path(key).spliterator(), false)
          .mapToDouble(JsonNode::asDouble);
    }

    void check(String what, CausalLm model) {
      float[] got = lastLogits(model, ids);
      assertEquals(logits.length, got.length, what + ": vocabulary");
      double off = 0;
      for (int i = 0; i < got.length; i++) {
        off = Math.max(off, Math.abs(got[i] - logits[i]));
      }
      assertTrue(off < TOLERANCE, what + ": logits are " + off + " off");
    }
  }

  private static float[] lastLogits(CausalLm model, int[] ids) {
    try (Scope scope = new Scope()) {
      var hidden = model.hidden(Pass.inference(Layout.of(ids.length)), ids).value();
      return model.logits(hidden.narrow(0, ids.length - 1, 1)).toFloats();
    }
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void computesWhatPeftComputes(String name) throws IOException {
    Path adapter = ADAPTERS.resolve(name);
    Expected expected = Expected.of(adapter);
    try (PretrainedModel files = PretrainedModel.open(expected.base());
        CausalLm model = files.load(DType.FLOAT32)) {
      float[] before = lastLogits(model, expected.ids());
      Tunings.attach(adapter, model);
      expected.check("read", model);
      Path again = Files.createDirectory(directory.resolve("again"));
      AdapterWriter.write(again, model, "base", new PeftOptions(2, 4, 0));
      boolean bias = name.startsWith("bias");
      if (!bias) {
        checkMerged(expected, files, model);
      }
      model.restore();
      assertArrayEquals(before, lastLogits(model, expected.ids()), "restored to the bit");
      Tunings.attach(again, model);
      expected.check("saved and read again", model);
      if (bias) {
        return;
      }
      model.roundToInt8();
      float[] rounded = lastLogits(model, expected.ids());
      assertEquals(expected.logits().length, rounded.length);
    }
  }

  private void checkMerged(Expected expected, PretrainedModel files, CausalLm model) {
    Path merged = directory.resolve("merged");
    HuggingFaceDirectory.writeMerged(merged, files, model, DType.FLOAT32);
    try (PretrainedModel mergedFiles = PretrainedModel.open(merged);
        CausalLm back = mergedFiles.load(DType.FLOAT32)) {
      expected.check("merged", back);
    }
    if (expected.logits().length < files.decoder().vocabularySize()) {
      return; // a tokenizer with more tokens than the model is none for GGUF
    }
    Path gguf = directory.resolve("model.gguf");
    GgufExport.writeModel(gguf, files, model, GgufStorage.F32);
    try (PretrainedModel ggufFiles = PretrainedModel.open(gguf);
        CausalLm back = ggufFiles.load(DType.FLOAT32)) {
      expected.check("as GGUF", back);
    }
  }
}
