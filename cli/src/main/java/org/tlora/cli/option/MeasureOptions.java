/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tlora.MeasuredRows;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Rows that the cost of rounding a model is measured on. */
@Command
public final class MeasureOptions {
  @Option(
      names = "--data",
      arity = "1..*",
      split = RunYaml.SEPARATOR,
      hideParamSyntax = true,
      paramLabel = "FILE...",
      description =
          "Files as train takes them, on whose last 64 rows a model in fewer bits is measured: its loss"
              + " before and after (default: those of the run.yaml beside the adapter).")
  private List<String> data = new ArrayList<>();

  @Mixin private RowOptions rows;

  @Option(
      names = "--template",
      paramLabel = "NAME",
      defaultValue = "alpaca",
      description = "What goes around these rows, as train takes it (default: ${DEFAULT-VALUE}).")
  private String template;

  @Option(
      names = "--cutoff-length",
      paramLabel = "N",
      defaultValue = "512",
      description = "The most tokens of such a row (default: ${DEFAULT-VALUE}).")
  private int cutoffLength;

  /** The rows that were named; nothing where none were. */
  public Optional<MeasuredRows> named() {
    return data.isEmpty()
        ? Optional.empty()
        : Optional.of(new MeasuredRows(data, rows.reading(), template, cutoffLength));
  }

  /**
   * The rows that a run was evaluated on, or else was trained on.
   *
   * @param directory of its adapter; nothing where it has no {@code run.yaml}, or that names no
   *     rows
   */
  public static Optional<MeasuredRows> ofRun(Path directory) {
    Path file = directory.resolve(RunYaml.FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    OptionFile.read(file)
        .forEach((name, items) -> values.put(name, String.join(RunYaml.SEPARATOR, items)));
    if (values.containsKey("eval-data")) {
      values.put("data", values.get("eval-data"));
    }
    MeasureOptions options = new MeasureOptions();
    new CommandLine(options).setDefaultValueProvider(a -> value(a, values)).parseArgs();
    return options.named();
  }

  /**
   * Files that a run has read and that are not there any more; what is no file is not looked for.
   */
  public static List<String> away(MeasuredRows rows) {
    return rows.files().stream()
        .map(name -> name.replaceFirst("@[0-9.]+$", ""))
        .filter(name -> !name.startsWith("hub:") && !name.matches(".*[*?\\[].*"))
        .filter(name -> !Files.exists(Path.of(name)))
        .toList();
  }

  /** Lists whose items are apart by commas on a command line are so here too. */
  private static String value(ArgSpec argument, Map<String, String> values) {
    if (!(argument instanceof OptionSpec option)) {
      return null;
    }
    String value = values.get(option.longestName().replaceFirst("^--", ""));
    return value == null || option.splitRegex().isEmpty()
        ? value
        : value.replace(RunYaml.SEPARATOR, option.splitRegex());
  }
}
