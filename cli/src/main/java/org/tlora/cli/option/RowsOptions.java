/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.ArrayList;
import java.util.List;
import org.tlora.RowReading;
import org.tlora.data.Labels;
import org.tlora.data.encode.DataSet;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A model, rows to train it on, and how these become tokens: of all that reads rows so. */
public final class RowsOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "PATH",
      description = "A Hugging Face directory, a .gguf file, or owner/name[@revision] on the hub.")
  private String model;

  @Option(
      names = "--data",
      required = true,
      arity = "1..*",
      split = RunYaml.SEPARATOR,
      hideParamSyntax = true,
      paramLabel = "FILE...",
      description =
          "Files to train on: JSONL, JSON, CSV, TSV, Parquet or text, also .gz or .zst, patterns such"
              + " as 'data/*.jsonl', - for standard input, hub:owner/name[:split] for a data set of"
              + " the hub; FILE@2 counts its rows twice.")
  private List<String> data = new ArrayList<>();

  @Mixin private HubOption hub;

  @Mixin private RowOptions rows;

  @Option(
      names = "--template",
      paramLabel = "NAME",
      defaultValue = "alpaca",
      description =
          "alpaca, gsm8k (alpaca; '####' in responses becomes 'The answer is:'), plain, or chat:"
              + " the model's own chat template, which conversations always go through.")
  private String template;

  @Option(
      names = "--cutoff-length",
      paramLabel = "N",
      defaultValue = "512",
      description = "The most tokens of a row (default: ${DEFAULT-VALUE}).")
  private int cutoffLength;

  /** {@code --model}, as it was given. */
  public String model() {
    return model;
  }

  /** {@code --data}, as they were given. */
  public List<String> data() {
    return data;
  }

  /** {@code --template}. */
  public String template() {
    return template;
  }

  /** {@code --cutoff-length}. */
  public int cutoffLength() {
    return cutoffLength;
  }

  /** Where ids of the hub are looked for. */
  public HubOption hub() {
    return hub;
  }

  /** See {@link RowOptions#reading}. */
  public RowReading reading() {
    return rows.reading();
  }

  /** See {@link RowOptions#encoding}. */
  public DataSet.Reading encoding() {
    return rows.encoding();
  }

  /** See {@link RowOptions#labels}. */
  public Labels labels() {
    return rows.labels();
  }
}
