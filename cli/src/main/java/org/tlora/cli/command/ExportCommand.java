/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tlora.LanguageModel;
import org.tlora.MeasuredRows;
import org.tlora.ModelExport;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.MeasureOptions;
import org.tlora.cli.terminal.Progress;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Write a model or an adapter for other programs to load.")
public final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private AdapterChoice adapter;

  @Option(
      names = "--quantize",
      paramLabel = "FORM",
      description =
          "What the adapter's base was rounded to when it was trained, such as nf4: it is put on the"
              + " rounded base.")
  private String quantize;

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
          "F32, F16, BF16, Q8_0, Q4_0, or a mixture of K-quants as llama.cpp chooses them: Q4_K_S,"
              + " Q4_K_M, Q5_K_S, Q5_K_M, Q6_K: of a model's matrices (default: ${DEFAULT-VALUE}).")
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

  @Mixin private MeasureOptions measure;

  @Override
  public Integer call() {
    if (measure.named().isPresent() && !(to.equals("gguf") && ModelExport.isRounded(type))) {
      throw new UsageFault(
          "--data goes with --to gguf and a --type of fewer than 16 bits, whose cost is measured");
    }
    try (Progress progress = new Progress(spec);
        LanguageModel model = adapter.loader(progress).quantize(quantize).open()) {
      ModelExport export = model.export();
      switch (to) {
        case "gguf" -> measured(export, progress).gguf(output, type);
        case "gguf-lora" -> export.ggufAdapter(output);
        case "uniform-lora" -> export.uniformAdapter(output, uniformRank);
        default ->
            throw new UsageFault(
                "--to " + to + " is not known; known are gguf, gguf-lora, uniform-lora");
      }
    }
    return 0;
  }

  /** Where it is rounded, and there are rows to measure what that costs. */
  private ModelExport measured(ModelExport export, Progress progress) {
    if (!ModelExport.isRounded(type)) {
      return export;
    }
    Optional<MeasuredRows> rows = measure.named();
    if (rows.isEmpty()) {
      rows = adapter.directory().flatMap(MeasureOptions::ofRun);
      List<String> away = rows.map(MeasureOptions::away).orElse(List.of());
      if (!away.isEmpty()) {
        progress.message("rows of the adapter's run are not there any more: " + away);
        rows = Optional.empty();
      }
    }
    if (rows.isEmpty()) {
      progress.message("what rounding costs is not measured: --data names rows to measure it on");
    }
    return rows.map(export::measuredOn).orElse(export);
  }
}
