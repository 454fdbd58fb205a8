package org.tlora.cli;

import java.util.concurrent.Callable;
import org.tlora.tune.TuningRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tlora calibrate}. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Only calibrate: writes the initial adapter and calibration.json.")
final class CalibrateCommand implements Callable<Integer> {
  @Mixin private JobOptions options;

  @Override
  public Integer call() {
    try (Progress progress = new Progress();
        TuningRun run = new TuningRun(options.job(), progress)) {
      run.initialise();
      run.writeAdapter();
      progress.onMessage("initial adapter and calibration.json in " + options.output());
      return 0;
    }
  }
}
