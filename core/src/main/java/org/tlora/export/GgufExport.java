/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.GgufStorage;
import org.tlora.format.GgufWriter;
import org.tlora.format.Json;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.TensorNames;
import org.tlora.peft.disk.AdapterWriter;
import org.tlora.pretrained.PretrainedModel;

/** Writes models and adapters as GGUF files that llama.cpp loads, with a Modelfile for Ollama. */
public final class GgufExport {
  private GgufExport() {}

  /**
   * Writes base and adapters as one model, with a {@code Modelfile} beside it.
   *
   * @param model the base in memory
   * @param adapters what is added to it
   * @return lines for a person about what was written
   * @throws InputFault if llama.cpp has no form for the family or the tokenizer
   */
  public static List<String> writeModel(
      Path file, PretrainedModel base, CausalLm model, AdapterSet adapters, GgufMix type) {
    GgufForm form = GgufForm.of(base);
    MergedWeights merged = new MergedWeights(base, model, adapters);
    List<String> notes = new ArrayList<>();
    try (Scope scope = new Scope()) {
      Map<String, GgufWriter.Source> tensors = new LinkedHashMap<>();
      Map<String, long[]> shapes = merged.shapes();
      String output = shapes.containsKey(TensorNames.HEAD) ? TensorNames.HEAD : TensorNames.TOKENS;
      int layers = base.decoder().layers();
      shapes.forEach(
          (name, shape) -> {
            String own = form.name(name);
            GgufStorage storage = type.of(own, shape, layers, name.equals(output));
            tensors.put(
                own,
                new GgufWriter.Source(
                    storage, shape, () -> form.stored(name, merged.load(name, DType.FLOAT32))));
          });
      form.more().forEach((name, vector) -> tensors.put(name, vectorSource(vector)));
      Path unchecked = file.resolveSibling("." + file.getFileName() + ".unchecked.gguf");
      GgufWriter.write(unchecked, form.metadata(type, model.vocabularySize()), tensors);
      notes.addAll(putInPlace(unchecked, file, base));
    }
    notes.addAll(Modelfile.write(file, List.of("FROM ./" + file.getFileName()), base, form));
    return notes;
  }

  /** Renames a file that is read back as the same model; another is deleted. */
  private static List<String> putInPlace(Path unchecked, Path file, PretrainedModel base) {
    try {
      try {
        List<String> notes = requireSameModel(unchecked, base);
        Files.move(
            unchecked, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return notes;
      } finally {
        Files.deleteIfExists(unchecked);
      }
    } catch (IOException e) {
      throw new RunFault(file + " cannot be written: " + Json.reason(e), e);
    }
  }

  /**
   * GGUF leaves much to llama.cpp, which knows the published models: what differs from them would
   * silently be another model.
   */
  private static List<String> requireSameModel(Path file, PretrainedModel base) {
    try (PretrainedModel back = PretrainedModel.open(file, base.families())) {
      boolean sameFamily =
          base.config().path("architectures").equals(back.config().path("architectures"));
      String lost = SameModel.lost(base.decoder(), back.decoder(), sameFamily);
      if (lost != null) {
        throw new InputFault(
            base.path() + ": its " + lost + " cannot be said in GGUF, nothing was written");
      }
      return SameModel.lost(base.decoder(), back.decoder(), true) == null
          ? List.of()
          : List.of("layers' windows are left out: llama.cpp has none in this architecture");
    }
  }

  private static GgufWriter.Source vectorSource(Supplier<Tensor> vector) {
    try (Tensor sample = vector.get()) {
      return new GgufWriter.Source(GgufStorage.F32, sample.shape(), vector);
    }
  }

  /**
   * Writes the adapters alone, as llama.cpp's LoRA, with a {@code Modelfile} beside it. llama.cpp
   * scales each layer by alpha / rank with one alpha for all: B carries the rest of the scaling.
   *
   * @return lines for a person about what was written and the base that it needs
   * @throws org.tlora.fault.UsageFault if there is something in the adapter that llama.cpp's LoRA
   *     cannot say
   */
  public static List<String> writeAdapter(
      Path file, PretrainedModel base, CausalLm model, AdapterSet adapters) {
    GgufForm form = GgufForm.of(base);
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", form.architecture());
    metadata.put("general.type", "adapter");
    metadata.put("adapter.type", "lora");
    metadata.put("adapter.lora.alpha", 1.0);
    metadata.putAll(form.nameOfBase());
    try (Scope scope = new Scope()) {
      Map<String, GgufWriter.Source> tensors = new LinkedHashMap<>();
      AdapterWriter.plainFactors(model, adapters)
          .forEach(
              (l, f) -> {
                String hub = l.name() + ".weight";
                long rank = f.a().size(0);
                Tensor b = form.stored(hub, f.b().mul(f.scaling() * rank));
                if (model.isTied() && model.tables().contains(l)) {
                  throw new UsageFault(
                      "llama.cpp has one tensor for the tied embedding and output layer: an adapter"
                          + " of "
                          + l.name()
                          + " alone cannot be said; write the whole model (`to` gguf)");
                }
                // llama.cpp looks rows of an embedding's A up
                Tensor a = l.isLookup() ? f.a().t().contiguous() : f.a();
                add(tensors, form.name(hub) + ".lora_a", a);
                add(tensors, form.name(hub) + ".lora_b", b);
              });
      GgufWriter.write(file, metadata, tensors);
    }
    List<String> lines =
        List.of(
            "# The adapter is of no use on another base than this one: " + base.name(),
            "FROM " + base.path().toAbsolutePath().normalize(),
            "ADAPTER ./" + file.getFileName());
    List<String> notes = new ArrayList<>();
    notes.add("the adapter needs its base, as GGUF for llama.cpp: " + base.name());
    notes.addAll(Modelfile.write(file, lines, base, form));
    return notes;
  }

  private static void add(Map<String, GgufWriter.Source> tensors, String name, Tensor t) {
    tensors.put(name, new GgufWriter.Source(GgufStorage.F32, t.shape(), t::alias));
  }
}
