/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.tlora.LanguageModel;
import org.tlora.LanguageModelLoader;
import org.tlora.collective.Collective;
import org.tlora.fault.UsageFault;
import org.tlora.loading.HubFiles;
import org.tlora.loading.LoadedModel;
import org.tlora.run.RunListener;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that load a model which may carry an adapter. */
public final class AdapterChoice {
  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = "A Hugging Face directory, a .gguf file, or owner/name[@revision] on the hub.")
  private String model;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description =
          "An adapter in PEFT's format, for the original base; also owner/name of the hub.")
  private String adapter;

  @Mixin private HubOption hubOption;

  @Option(
      names = "--initial-adapter",
      paramLabel = "DIR",
      description =
          "What --adapter started from, for adapters of other programs that belong on a base which"
              + " their start has changed (init_lora_weights corda, lora_ga, pissa, olora).")
  private Path initialAdapter;

  /** The directory of the adapter that was named, where it is one of this machine. */
  public Optional<Path> directory() {
    return Optional.ofNullable(adapter).map(Path::of).filter(Files::isDirectory);
  }

  /** How the model is loaded, with the adapter where one is asked for. */
  public LanguageModelLoader loader(RunListener listener) {
    return LanguageModel.of(model)
        .adapter(adapter)
        .initialAdapter(initialAdapter)
        .offline(hubOption.offline())
        .listener(listener);
  }

  /** The model in memory, as it is to write text. */
  public LanguageModel load(EngineOptions engine, WeightsOption weights, RunListener listener) {
    return loader(engine, weights, listener).load();
  }

  /** The same in a group of processes. */
  public LanguageModel load(
      EngineOptions engine, WeightsOption weights, RunListener listener, Collective group) {
    return loader(engine, weights, listener).group(group).load();
  }

  /** The same, where weights are read once they are needed. */
  public LanguageModel open(
      EngineOptions engine, WeightsOption weights, RunListener listener, Collective group) {
    return loader(engine, weights, listener).group(group).open();
  }

  /** What the model is called: the last part of its path or id, without a revision. */
  public String shortName() {
    String last = model.replaceFirst("[/\\\\]+$", "").replaceFirst("^.*[/\\\\]", "");
    return last.replaceFirst("(?<=.)@.*$", "").replaceFirst("\\.gguf$", "");
  }

  /** How the model is loaded to write text. */
  public LanguageModelLoader loader(
      EngineOptions engine, WeightsOption weights, RunListener listener) {
    return loader(listener)
        .dtype(engine.dtype())
        .device(engine.deviceName())
        .weights(weights.form())
        .baseWeights(weights.baseWeights())
        .quantize(weights.quantize());
  }

  /** The model, with the adapter where one is asked for. */
  public LoadedModel load(LoadedModel.Form form, RunListener listener) {
    if (model == null) {
      throw new UsageFault("--model is missing");
    }
    if (initialAdapter != null && adapter == null) {
      throw new UsageFault("--initial-adapter goes with --adapter");
    }
    HubFiles hub = hubOption.files();
    Path directory = adapter == null ? null : hub.model(adapter);
    return LoadedModel.open(hub.model(model), directory, initialAdapter, form, listener::message);
  }

  /**
   * The options of a training on the same base.
   *
   * @throws UsageFault if the base is one that no training starts from
   */
  public Map<String, String> forTraining() {
    if (adapter != null) {
      throw new UsageFault(
          "--fine-tuning trains on the base: serve the adapter by --adapters instead of --adapter");
    }
    Path path = Path.of(model);
    String where = Files.exists(path) ? path.toAbsolutePath().normalize().toString() : model;
    return Map.of("model", where, "offline", "" + hubOption.offline());
  }

  /** Whether there is a model to load. */
  public boolean namesModel() {
    return model != null;
  }

  /** Model and adapter as they were named, and when the adapter was written. */
  @Override
  public String toString() {
    return adapter == null ? model : model + " with " + LoadedModel.identity(adapter);
  }
}
