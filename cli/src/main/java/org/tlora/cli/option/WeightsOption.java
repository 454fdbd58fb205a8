/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import org.tlora.fault.UsageFault;
import org.tlora.loading.LoadedModel;
import org.tlora.model.weight.WeightForms;
import picocli.CommandLine.Option;

/** How the weights of a decoder that is only run are held. */
public final class WeightsOption {
  @Option(
      names = "--weights",
      paramLabel = "float|int8",
      defaultValue = "float",
      description =
          "int8: round weights to eight bits, a scale a row, for faster generation (default:"
              + " ${DEFAULT-VALUE}).")
  private String weights;

  /** Brings a model's weights to the form that is asked for. */
  public void apply(LoadedModel loaded) {
    loaded.convert(form());
  }

  /**
   * The form, by its name.
   *
   * @throws UsageFault if there is none
   */
  public String form() {
    WeightForms.require(weights);
    return weights;
  }
}
