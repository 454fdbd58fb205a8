/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.tlora.card.DerivedCard;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.export.GgufExport;
import org.tlora.export.GgufMix;
import org.tlora.export.HuggingFaceDirectory;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.loading.LoadedModel;
import org.tlora.loading.MachineChoice;
import org.tlora.peft.disk.UniformAdapter;
import org.tlora.pretrained.BaseWeights;
import org.tlora.run.RunListener;

/**
 * Writes a model, with its adapter, for other programs. Each form is computed in float32 from the
 * files, whatever the model in memory is held as, and is whole on disk or not there.
 */
public final class ModelExport {
  /** The most bytes of a file of weights, where nobody says otherwise. */
  public static final long SHARD_BYTES = 5L << 30;

  private final LanguageModelLoader.Place place;
  private final BaseWeights base;
  private final RunListener listener;
  private final MeasuredRows measured; // or null

  /** What a model is written from; where its base is rounded, what is written is that. */
  ModelExport(LanguageModelLoader.Place place, BaseWeights base, RunListener listener) {
    this(place, base.rounding() == null ? BaseWeights.DENSE : base, listener, null);
  }

  private ModelExport(
      LanguageModelLoader.Place place,
      BaseWeights base,
      RunListener listener,
      MeasuredRows measured) {
    this.place = place;
    this.base = base;
    this.listener = listener;
    this.measured = measured;
  }

  /**
   * The same, which says what it costs where a model is written in fewer bits: the loss of some
   * rows before and after, with a warning where it rises by more than 1 %.
   */
  public ModelExport measuredOn(MeasuredRows rows) {
    return new ModelExport(place, base, listener, rows);
  }

  /** Writes base and adapter as one Hugging Face directory, in the base's own type. */
  public void merged(Path directory) {
    merged(directory, "auto", SHARD_BYTES);
  }

  /**
   * The same in another type.
   *
   * @param dtype float32, bfloat16, float16, or auto: the base's own
   * @param shardBytes the most bytes of a file of weights
   * @throws UsageFault if the directory holds an adapter, or the type is not known
   * @throws org.tlora.fault.RunFault if it cannot be written
   */
  public void merged(Path directory, String dtype, long shardBytes) {
    MachineChoice.storedType(dtype, DType.FLOAT32); // before anything is loaded
    if (Files.exists(directory.resolve("adapter_config.json"))) {
      throw new UsageFault(
          "`output` "
              + directory
              + " holds an adapter, which a program would put onto the merged model once more:"
              + " name another directory");
    }
    List<String> notes =
        write(
            m -> {
              DType type = MachineChoice.storedType(dtype, m.files().storedType());
              HuggingFaceDirectory.writeMerged(
                  directory, m.files(), m.model(), m.adapters(), type, shardBytes);
              String held = type.name().toLowerCase(Locale.ROOT);
              String rounding = base.rounding() == null ? null : base.toString();
              return DerivedCard.merged(m.files(), place.adapter(), held, rounding)
                  .write(directory)
                  .stream()
                  .toList();
            });
    listener.message("merged model in " + directory);
    notes.forEach(listener::message);
  }

  /**
   * Writes base and adapter as one model for llama.cpp and Ollama, a Modelfile beside it.
   *
   * @param type F32, F16, BF16, Q8_0, Q4_0, or a mixture of K-quants as llama.cpp chooses them:
   *     Q4_K_S, Q4_K_M, Q5_K_S, Q5_K_M or Q6_K
   * @throws UsageFault if the type is not known
   * @throws org.tlora.fault.InputFault if rows to measure on are wrong
   */
  public void gguf(Path file, String type) {
    GgufMix mix = GgufMix.named(type);
    prepare(file);
    AtomicReference<RoundingCost> cost = new AtomicReference<>();
    written(
        file,
        m -> {
          // first, so that rows that are none are a fault before there is a file
          if (measured != null && mix.isRounded()) {
            cost.set(RoundingCost.before(m, measured.of(m.files())));
          }
          return GgufExport.writeModel(file, m.files(), m.decoder(), m.adapters(), mix);
        });
    if (cost.get() != null) {
      cost.get().after(file).lines(mix.name()).forEach(listener::message);
    }
  }

  /**
   * Whether {@link #gguf} rounds matrices to fewer than sixteen bits.
   *
   * @throws UsageFault if the type is not known
   */
  public static boolean isRounded(String type) {
    return GgufMix.named(type).isRounded();
  }

  /** Writes the adapter alone for llama.cpp. */
  public void ggufAdapter(Path file) {
    prepare(file);
    written(file, m -> GgufExport.writeAdapter(file, m.files(), m.decoder(), m.adapters()));
  }

  /**
   * Writes the adapter in PEFT's form with one rank for all layers, for servers such as vLLM.
   *
   * @param rank 0: the greatest of the layers'
   */
  public void uniformAdapter(Path directory, int rank) {
    written(
        directory,
        m -> {
          UniformAdapter.write(directory, m.decoder(), m.adapters(), m.files().name(), rank);
          return DerivedCard.uniform(m.files(), place.adapter()).write(directory).stream().toList();
        });
  }

  private static void prepare(Path file) {
    if (file.toAbsolutePath().getParent() != null) {
      AtomicFiles.prepareDirectory(file.toAbsolutePath().getParent());
    }
  }

  private void written(Path where, Function<LoadedModel, List<String>> writer) {
    List<String> notes = write(writer);
    listener.message("written to " + where);
    notes.forEach(listener::message);
  }

  private List<String> write(Function<LoadedModel, List<String>> writer) {
    try (LoadedModel exact =
        LoadedModel.open(
            place.model(),
            place.families(),
            place.adapter(),
            place.initialAdapter(),
            new LoadedModel.Form(DType.FLOAT32, Device.CPU, base),
            listener::message)) {
      return writer.apply(exact);
    }
  }
}
