/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.tlora.LanguageModel;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.EngineOptions;
import org.tlora.cli.option.Sizes;
import org.tlora.cli.terminal.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora merge}. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Write base and adapter as one Hugging Face directory.")
public final class MergeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private EngineOptions engine;

  @Mixin private AdapterChoice adapter;

  @Option(
      names = "--quantize",
      paramLabel = "FORM",
      description =
          "What the adapter's base was rounded to when it was trained, such as nf4: it is put on the"
              + " rounded base.")
  private String quantize;

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
    long shard = Sizes.bytes("--shard-size", shardSize);
    engine.apply();
    try (Progress progress = new Progress(spec);
        LanguageModel model = adapter.loader(progress).quantize(quantize).open()) {
      model.export().merged(output, engine.dtype(), shard);
    }
    return 0;
  }
}
