/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.Map;
import java.util.TreeMap;
import org.tlora.fault.UsageFault;
import org.tlora.loading.LoadedModel;
import org.tlora.model.weight.WeightForms;
import org.tlora.pretrained.BaseWeights;
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

  @Option(
      names = "--base-weights",
      paramLabel = "auto|dense|as-stored",
      defaultValue = BaseWeights.AUTO,
      description =
          "as-stored: compute with a quantised file's blocks as they are; dense: expand them on"
              + " loading; auto: as they are where Java's vector module makes that the faster way"
              + " (default: ${DEFAULT-VALUE}).")
  private String baseWeights;

  @Option(
      names = "--quantize",
      paramLabel = "FORM",
      description =
          "nf4, fp4, int8, q4_0 or q8_0: round the layers' matrices to fewer bits on loading;"
              + " adapters stay as they are on top.")
  private String quantize;

  /** {@code --base-weights}, as it was given. */
  String baseWeights() {
    return baseWeights;
  }

  /** {@code --quantize}, as it was given, or null. */
  String quantize() {
    return quantize;
  }

  /**
   * What the files' matrices are held in.
   *
   * @throws UsageFault if there is no such thing
   */
  public BaseWeights held() {
    return BaseWeights.toRun(baseWeights, quantize, !form().equals(WeightForms.FLOAT));
  }

  /** The options of a training on the same base, held as it is. */
  public Map<String, String> forTraining() {
    Map<String, String> all = new TreeMap<>();
    if (quantize != null) {
      all.put("quantize", quantize);
    } else if (!form().equals(WeightForms.FLOAT)) {
      all.put("quantize", form());
    }
    if (!baseWeights.equals(BaseWeights.AUTO)) {
      all.put("base-weights", baseWeights);
    }
    return all;
  }

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
