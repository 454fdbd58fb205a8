package org.tlora.cli.command;

import java.util.concurrent.Callable;
import org.tlora.cli.option.MethodChoice;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.fault.UsageFault;
import org.tlora.run.Listeners;
import org.tlora.tune.Resuming;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tlora calibrate}. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Only calibrate: writes the initial adapter and calibration.json.")
public final class CalibrateCommand implements Callable<Integer> {
  @Mixin private MethodChoice options;

  @Override
  public Integer call() {
    if (options.method().trainsBase()) {
      throw new UsageFault("--method " + options.method().name() + " has no initial adapter");
    }
    TuningJob job = options.job();
    try (StopRequest stop = new StopRequest();
        Progress progress = new Progress();
        Listeners listeners = Listeners.of(progress);
        TuningInputs inputs = new TuningInputs(job, listeners, stop);
        TuningRun run = new TuningRun(job, inputs, listeners, Resuming.NO)) {
      run.initialise();
      run.write();
      listeners.message("initial adapter and calibration.json in " + options.output());
      return 0;
    }
  }
}
