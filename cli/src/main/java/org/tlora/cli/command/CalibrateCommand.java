/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.util.concurrent.Callable;
import org.tlora.LanguageModel;
import org.tlora.Tuning;
import org.tlora.cli.option.MethodChoice;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.collective.Collective;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tlora calibrate}. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Only calibrate: writes the initial adapter and calibration.json.")
public final class CalibrateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MethodChoice options;

  @Override
  public Integer call() {
    return options.inGroup(this::calibrate);
  }

  private int calibrate(Collective group) {
    try (StopRequest stop = new StopRequest();
        Progress progress = new Progress(spec)) {
      Tuning tuning = options.tuning().listeners(progress).build();
      try (LanguageModel model = options.openModel(progress, group)) {
        model.calibrate(tuning, stop);
        return 0;
      }
    }
  }
}
