package org.tlora.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.tlora.engine.DType;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.GgufStorage;
import org.tlora.format.GgufWriter;
import org.tlora.format.Json;
import org.tlora.model.CausalLm;
import org.tlora.model.DecoderConfig.AttentionConfig;
import org.tlora.model.family.GgufForm;
import org.tlora.model.family.PretrainedModel;
import org.tlora.peft.AdapterWriter;

/** Writes models and adapters as GGUF files that llama.cpp loads, with a Modelfile for Ollama. */
public final class GgufExport {
  private GgufExport() {}

  /**
   * Writes base and adapters as one model, with a {@code Modelfile} beside it.
   *
   * @param model the base with adapters attached
   * @throws InputFault if llama.cpp has no form for the family or the tokenizer
   */
  public static void writeModel(Path file, PretrainedModel base, CausalLm model, GgufStorage type) {
    GgufForm form = GgufForm.of(base);
    MergedWeights merged = new MergedWeights(base, model);
    try (Scope scope = new Scope()) {
      Map<String, GgufWriter.Source> tensors = new LinkedHashMap<>();
      merged
          .shapes()
          .forEach(
              (name, shape) ->
                  tensors.put(
                      form.name(name),
                      new GgufWriter.Source(
                          type.forShape(shape),
                          shape,
                          () -> form.stored(name, merged.load(name, DType.FLOAT32)))));
      form.more().forEach((name, vector) -> tensors.put(name, vectorSource(vector)));
      Path unchecked = file.resolveSibling("." + file.getFileName() + ".unchecked.gguf");
      GgufWriter.write(unchecked, form.metadata(type, model.vocabularySize()), tensors);
      putInPlace(unchecked, file, base);
    }
    writeModelfile(file, "FROM ./" + file.getFileName() + "\n", base);
  }

  /** Renames a file that is read back as the same model; another is deleted. */
  private static void putInPlace(Path unchecked, Path file, PretrainedModel base) {
    try {
      try {
        requireSameModel(unchecked, base);
        Files.move(
            unchecked, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(unchecked);
      }
    } catch (IOException e) {
      throw new RunFault(file + " cannot be written: " + Json.reason(e), e);
    }
  }

  /**
   * GGUF leaves the scale of scores and the layers' windows of some families to llama.cpp, which
   * knows those of the published models: one that differs would silently be another model.
   */
  private static void requireSameModel(Path file, PretrainedModel base) {
    try (PretrainedModel back = PretrainedModel.open(file)) {
      AttentionConfig want = base.decoder().attention();
      AttentionConfig got = back.decoder().attention();
      boolean sameFamily =
          base.config().path("architectures").equals(back.config().path("architectures"));
      boolean sameScale = Math.abs(got.scale() - want.scale()) <= 1e-6 * want.scale();
      if (!sameScale || (sameFamily && !got.layers().equals(want.layers()))) {
        throw new InputFault(
            base.path()
                + ": its "
                + (sameScale ? "layers' windows" : "scale of attention scores")
                + " cannot be said in GGUF, nothing was written");
      }
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
   * @throws org.tlora.fault.UsageFault if there is something in the adapter that llama.cpp's LoRA
   *     cannot say
   */
  public static void writeAdapter(Path file, PretrainedModel base, CausalLm model) {
    GgufForm form = GgufForm.of(base);
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", form.architecture());
    metadata.put("general.type", "adapter");
    metadata.put("adapter.type", "lora");
    metadata.put("adapter.lora.alpha", 1.0);
    try (Scope scope = new Scope()) {
      Map<String, GgufWriter.Source> tensors = new LinkedHashMap<>();
      AdapterWriter.plainFactors(model)
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
                          + " alone cannot be said; write the whole model (--to gguf)");
                }
                // llama.cpp looks rows of an embedding's A up
                Tensor a = l.isLookup() ? f.a().t().contiguous() : f.a();
                add(tensors, form.name(hub) + ".lora_a", a);
                add(tensors, form.name(hub) + ".lora_b", b);
              });
      GgufWriter.write(file, metadata, tensors);
    }
    String from = base.gguf() == null ? "the base model, as GGUF" : base.path().toString();
    writeModelfile(file, "FROM " + from + "\nADAPTER ./" + file.getFileName() + "\n", base);
  }

  private static void add(Map<String, GgufWriter.Source> tensors, String name, Tensor t) {
    tensors.put(name, new GgufWriter.Source(GgufStorage.F32, t.shape(), t::alias));
  }

  private static void writeModelfile(Path file, String from, PretrainedModel base) {
    StringBuilder text = new StringBuilder(from);
    for (int id : base.generationEos()) {
      String token = base.tokenizer().tokenOf(id);
      if (token != null) {
        text.append("PARAMETER stop \"").append(token.replace("\"", "\\\"")).append("\"\n");
      }
    }
    AtomicFiles.writeText(file.resolveSibling("Modelfile"), text.toString());
  }
}
