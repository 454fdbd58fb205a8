/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.format.Json;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.quickstart.TinyModels;

/** What is read from a merged directory is what was merged, whatever was there before. */
class MergedDirectoryTest {
  private static final String NORM = "model.norm.weight";

  @TempDir private Path directory;
  private Path merged;
  private Path model;

  @BeforeEach
  void name() {
    model = directory.resolve("model");
    merged = directory.resolve("merged");
  }

  private Set<String> weightFiles() throws IOException {
    try (Stream<Path> files = Files.list(merged)) {
      return files
          .map(f -> String.valueOf(f.getFileName()))
          .filter(name -> name.contains("safetensors"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private float[] norm() {
    try (PretrainedModel files = PretrainedModel.open(merged);
        CausalLm read = files.load(DType.FLOAT32);
        Scope scope = new Scope()) {
      return read.weights().get(NORM).toFloats();
    }
  }

  @Test
  void shardsOfAnEarlierModelGoAndOneFileOfItTooAndOtherFilesStay() throws IOException {
    try (TinyModels tiny = new TinyModels(model, DType.FLOAT32)) {
      HuggingFaceDirectory.writeMerged(
          merged, tiny.files(), tiny.model(), AdapterSet.empty(), DType.FLOAT32);
      assertEquals(Set.of("model.safetensors"), weightFiles());
      Files.writeString(merged.resolve("notes.txt"), "mine");
      Files.writeString(merged.resolve("other.safetensors"), "mine");
      long bytes = Files.size(merged.resolve("model.safetensors"));
      float[] doubled = changeNorm(tiny.model());
      HuggingFaceDirectory.writeMerged(
          merged, tiny.files(), tiny.model(), AdapterSet.empty(), DType.FLOAT32, bytes / 3);
      assertFalse(Files.exists(merged.resolve("model.safetensors")));
      assertTrue(weightFiles().size() > 4, weightFiles().toString());
      assertArrayEquals(doubled, norm());
      float[] again = changeNorm(tiny.model());
      HuggingFaceDirectory.writeMerged(
          merged, tiny.files(), tiny.model(), AdapterSet.empty(), DType.FLOAT32, bytes / 2);
      assertArrayEquals(again, norm());
      HuggingFaceDirectory.writeMerged(
          merged, tiny.files(), tiny.model(), AdapterSet.empty(), DType.FLOAT32);
      assertEquals(Set.of("model.safetensors", "other.safetensors"), weightFiles());
      assertEquals("mine", Files.readString(merged.resolve("notes.txt")));
      assertArrayEquals(again, norm());
    }
  }

  private static float[] changeNorm(CausalLm model) {
    try (Scope scope = new Scope()) {
      Tensor twice = model.weights().get(NORM).mul(2);
      float[] values = twice.toFloats();
      model.overwrite(NORM, twice);
      return values;
    }
  }

  @Test
  void aTemplateBesideAnAdapterIsTakenWithAndWithoutItsTokenizer() throws IOException {
    Path adapter = Files.createDirectories(directory.resolve("adapter"));
    try (TinyModels tiny = new TinyModels(model, DType.FLOAT32)) {
      Files.writeString(model.resolve("chat_template.jinja"), "base");
      assertEquals("base", tiny.files().chatTemplate());
      tiny.files().useTokenizerOf(adapter);
      assertEquals("base", tiny.files().chatTemplate(), "there is none");
      assertFalse(tiny.files().hasOtherTokenizer());
      Files.writeString(adapter.resolve("chat_template.jinja"), "adapter's");
      tiny.files().useTokenizerOf(adapter);
      assertTemplate(tiny, "adapter's");
      Files.delete(adapter.resolve("chat_template.jinja"));
      ObjectNode config = Json.object().put("chat_template", "of its configuration");
      Files.writeString(adapter.resolve("tokenizer_config.json"), Json.pretty(config));
      tiny.files().useTokenizerOf(adapter);
      assertTemplate(tiny, "of its configuration");
    }
    try (TinyModels tiny = new TinyModels(directory.resolve("another"), DType.FLOAT32)) {
      Files.writeString(
          directory.resolve("another").resolve("chat_template.jinja"), "of another base");
      Files.copy(model.resolve("tokenizer.json"), adapter.resolve("tokenizer.json"));
      tiny.files().useTokenizerOf(adapter);
      assertTemplate(tiny, "of its configuration");
    }
  }

  private void assertTemplate(TinyModels tiny, String expected) {
    assertEquals(expected, tiny.files().chatTemplate());
    assertTrue(tiny.files().hasOtherTokenizer());
    HuggingFaceDirectory.writeMerged(
        merged, tiny.files(), tiny.model(), AdapterSet.empty(), DType.FLOAT32);
    try (PretrainedModel files = PretrainedModel.open(merged)) {
      assertEquals(expected, files.chatTemplate());
    }
  }
}
