/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.nio.file.Path;
import java.util.List;
import org.tlora.calibrate.Calibration;
import org.tlora.calibrate.Statistics;
import org.tlora.data.Encoded;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.disk.AdapterDirectory;
import org.tlora.peft.disk.StoredAdapter;
import org.tlora.peft.method.PeftMethods;

/** Short ways to a method at work and to an adapter from disk, for tests. */
public final class Tunings {
  private Tunings() {}

  /** A method on all linears of a model, calibrated on {@code samples} if it wants to be. */
  public static FineTuning start(
      CausalLm model, PeftMethod method, PeftOptions options, List<Encoded> samples, long seed) {
    FineTuning tuning = new FineTuning(model, method, options, model.linears());
    try (Statistics statistics =
        Calibration.run(
            model,
            model.linears(),
            samples,
            method.needs(options),
            method.components(options),
            4,
            done -> {})) {
      tuning.initialise(statistics, seed);
    }
    return tuning;
  }

  /** An adapter for inference; its whole weights are in the model then. */
  public static AdapterSet attach(Path adapter, CausalLm model) {
    return attach(adapter, null, model);
  }

  /** The same for an adapter whose start is in another directory. */
  public static AdapterSet attach(Path adapter, Path initial, CausalLm model) {
    try (StoredAdapter stored = AdapterDirectory.read(adapter, model);
        StoredAdapter start = initial == null ? null : AdapterDirectory.read(initial, model)) {
      return stored.apply(model, start, PeftMethods.all());
    }
  }
}
