package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.LoadedModel;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.export.GgufExport;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.GgufStorage;
import org.tlora.peft.disk.UniformAdapter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tlora export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Write a model or an adapter for other programs to load.")
public final class ExportCommand implements Callable<Integer> {
  @Mixin private AdapterChoice adapter;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "gguf|gguf-lora|uniform-lora",
      description =
          "gguf: base and adapter as one model for llama.cpp and Ollama. gguf-lora: the adapter alone"
              + " for llama.cpp. uniform-lora: the adapter in PEFT's format with one rank for all"
              + " layers, for servers such as vLLM.")
  private String to;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      defaultValue = "F16",
      description =
          "F32, F16, BF16, Q8_0 or Q4_0: of a model's matrices (default: ${DEFAULT-VALUE}).")
  private String type;

  @Option(
      names = "--uniform-rank",
      paramLabel = "R",
      defaultValue = "0",
      description = "The rank of uniform-lora; 0: the greatest of the layers'.")
  private int uniformRank;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "PATH",
      description = "A .gguf file with a Modelfile beside it, or a directory for uniform-lora.")
  private Path output;

  @Override
  public Integer call() {
    GgufStorage storage = storage();
    if (!to.equals("uniform-lora") && output.toAbsolutePath().getParent() != null) {
      AtomicFiles.prepareDirectory(output.toAbsolutePath().getParent());
    }
    try (LoadedModel loaded = adapter.load(DType.FLOAT32, Device.CPU)) {
      List<String> notes = List.of();
      switch (to) {
        case "gguf" ->
            notes =
                GgufExport.writeModel(
                    output, loaded.files(), loaded.decoder(), loaded.adapters(), storage);
        case "gguf-lora" ->
            notes =
                GgufExport.writeAdapter(
                    output, loaded.files(), loaded.decoder(), loaded.adapters());
        case "uniform-lora" ->
            UniformAdapter.write(
                output, loaded.decoder(), loaded.adapters(), loaded.files().name(), uniformRank);
        default ->
            throw new UsageFault(
                "--to " + to + " is not known; known are gguf, gguf-lora, uniform-lora");
      }
      System.err.println("written to " + output);
      notes.forEach(System.err::println);
      return 0;
    }
  }

  private GgufStorage storage() {
    try {
      return GgufStorage.valueOf(type.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new UsageFault(
          "--type " + type + " is not known; known are F32, F16, BF16, Q8_0, Q4_0", e);
    }
  }
}
