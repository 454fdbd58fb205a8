/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import picocli.CommandLine.Option;

/** What a base's matrices are held in. */
public final class BaseOptions {
  @Option(
      names = "--base-weights",
      paramLabel = "as-stored|dense",
      defaultValue = "as-stored",
      description =
          "as-stored: compute with a quantised file's blocks as they are, in as little memory;"
              + " dense: expand them on loading (default: ${DEFAULT-VALUE}).")
  private String baseWeights;

  @Option(
      names = "--quantize",
      paramLabel = "FORM",
      description =
          "nf4, fp4, int8, q4_0 or q8_0: round the layers' matrices to fewer bits on loading;"
              + " adapters stay as they are on top.")
  private String quantize;

  /** {@code --base-weights}, as it was given. */
  public String baseWeights() {
    return baseWeights;
  }

  /** {@code --quantize}, as it was given, or null. */
  public String quantize() {
    return quantize;
  }
}
