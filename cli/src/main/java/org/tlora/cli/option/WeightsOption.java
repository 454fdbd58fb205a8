package org.tlora.cli.option;

import org.tlora.fault.UsageFault;
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

  /** Rounds a model's weights if that is asked for. */
  public void apply(LoadedModel loaded) {
    if (isInt8()) {
      loaded.decoder().roundToInt8();
    }
  }

  public boolean isInt8() {
    if (!weights.equals("float") && !weights.equals("int8")) {
      throw new UsageFault("--weights must be float or int8, not " + weights);
    }
    return weights.equals("int8");
  }
}
