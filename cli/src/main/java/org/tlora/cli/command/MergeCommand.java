package org.tlora.cli.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.EngineOptions;
import org.tlora.cli.option.LoadedModel;
import org.tlora.cli.option.Sizes;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.export.HuggingFaceDirectory;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tlora merge}. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Write base and adapter as one Hugging Face directory.")
public final class MergeCommand implements Callable<Integer> {
  @Mixin private EngineOptions engine;

  @Mixin private AdapterChoice adapter;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description =
          "The new directory. --dtype is the type on disk, also float16; auto: the base's own.")
  private Path output;

  @Option(
      names = "--shard-size",
      paramLabel = "SIZE",
      defaultValue = "5G",
      description = "The most bytes of a file of weights (default: ${DEFAULT-VALUE}).")
  private String shardSize;

  @Override
  public Integer call() {
    DType chosen = engine.storageType();
    long shard = Sizes.bytes("--shard-size", shardSize);
    if (Files.exists(output.resolve("adapter_config.json"))) {
      throw new UsageFault(
          "--output "
              + output
              + " holds an adapter, which a program would put onto the merged model once more:"
              + " name another directory");
    }
    engine.apply();
    try (LoadedModel loaded = adapter.load(DType.FLOAT32, Device.CPU)) {
      DType type = engine.isAutomaticType() ? baseType(loaded) : chosen;
      HuggingFaceDirectory.writeMerged(
          output, loaded.files(), loaded.model(), loaded.adapters(), type, shard);
      System.err.println("merged model in " + output);
      return 0;
    }
  }

  private static DType baseType(LoadedModel loaded) {
    var config = loaded.files().config();
    String name = config.path("dtype").asText(config.path("torch_dtype").asText("float32"));
    return switch (name) {
      case "bfloat16" -> DType.BFLOAT16;
      case "float16" -> DType.FLOAT16;
      default -> DType.FLOAT32;
    };
  }
}
