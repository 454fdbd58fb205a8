/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.ArrayList;
import java.util.List;
import org.tlora.TuningBuilder;
import picocli.CommandLine.Option;

/** What is to be seen of a run while it goes on, and where. */
final class TrackingOptions {
  @Option(
      names = "--sample-every",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Steps between texts that the model writes into samples.jsonl, the first before any step;"
              + " 0: none.")
  private long sampleEvery;

  @Option(
      names = "--sample-prompts",
      arity = "1..*",
      split = RunYaml.SEPARATOR,
      hideParamSyntax = true,
      paramLabel = "FILE|TEXT...",
      description =
          "What the model is asked then: texts, which get the template, or files of rows (default:"
              + " the first rows to evaluate on, or else to train on).")
  private List<String> samplePrompts = new ArrayList<>();

  @Option(
      names = "--track",
      split = ",",
      paramLabel = "NAME",
      description =
          "Where the run's numbers go too: tensorboard (files in the output), mlflow (the server in"
              + " MLFLOW_TRACKING_URI).")
  private List<String> track = new ArrayList<>();

  void addTo(TuningBuilder b) {
    b.sampleEvery(sampleEvery).samplePrompts(samplePrompts.toArray(String[]::new));
    b.track(track.toArray(String[]::new));
  }
}
