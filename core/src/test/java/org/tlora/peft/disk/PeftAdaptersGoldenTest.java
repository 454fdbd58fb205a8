/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.tlora.peft.disk.GoldenAdapters.lastLogits;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.engine.DType;
import org.tlora.export.GgufExport;
import org.tlora.export.GgufMix;
import org.tlora.export.HuggingFaceDirectory;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.weight.WeightForms;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.disk.GoldenAdapters.Expected;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.tune.Tunings;

/**
 * Adapters of HF PEFT 0.21.2 that touch the vocabulary or a bias compute what PEFT computes with
 * them: as they are, saved again, merged, and as GGUF. {@code interop/adapters_golden.py} made
 * them.
 */
class PeftAdaptersGoldenTest {
  @TempDir private Path directory;

  static List<String> adapters() throws IOException {
    return GoldenAdapters.names();
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void computesWhatPeftComputes(String name) throws IOException {
    Path adapter = GoldenAdapters.path(name);
    Expected expected = Expected.of(name);
    try (PretrainedModel files = PretrainedModel.open(expected.base());
        CausalLm model = files.load(DType.FLOAT32)) {
      float[] before = lastLogits(model, AdapterSet.empty(), expected.ids());
      AdapterSet adapters = Tunings.attach(adapter, model);
      expected.check("read", model, adapters);
      Path again = Files.createDirectory(directory.resolve("again"));
      AdapterWriter.write(again, model, adapters, "base", new PeftOptions(2, 4, 0));
      boolean bias = name.startsWith("bias");
      if (!bias) {
        checkMerged(expected, files, model, adapters);
      }
      model.restore();
      assertArrayEquals(
          before, lastLogits(model, AdapterSet.empty(), expected.ids()), "restored to the bit");
      AdapterSet back = Tunings.attach(again, model);
      expected.check("saved and read again", model, back);
      if (bias) {
        return;
      }
      model.convert(WeightForms.named("int8"), back);
      float[] rounded = lastLogits(model, AdapterSet.empty(), expected.ids());
      assertEquals(expected.logits().length, rounded.length);
    }
  }

  private void checkMerged(
      Expected expected, PretrainedModel files, CausalLm model, AdapterSet adapters) {
    Path merged = directory.resolve("merged");
    HuggingFaceDirectory.writeMerged(merged, files, model, adapters, DType.FLOAT32);
    try (PretrainedModel mergedFiles = PretrainedModel.open(merged);
        CausalLm back = mergedFiles.load(DType.FLOAT32)) {
      expected.check("merged", back, AdapterSet.empty());
    }
    if (expected.logits().length < files.decoder().vocabularySize()) {
      return; // a tokenizer with more tokens than the model is none for GGUF
    }
    Path gguf = directory.resolve("model.gguf");
    GgufExport.writeModel(gguf, files, model, adapters, GgufMix.F32);
    try (PretrainedModel ggufFiles = PretrainedModel.open(gguf);
        CausalLm back = ggufFiles.load(DType.FLOAT32)) {
      expected.check("as GGUF", back, AdapterSet.empty());
    }
  }
}
