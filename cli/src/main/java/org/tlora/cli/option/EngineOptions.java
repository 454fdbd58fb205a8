/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Engine;
import org.tlora.fault.UsageFault;
import org.tlora.loading.MachineChoice;
import picocli.CommandLine.Option;

/** What the machine is asked to do: options of every command that computes. */
public final class EngineOptions {
  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "auto",
      description =
          "auto, float32 or bfloat16: what matrix products compute in. auto takes bfloat16 where the"
              + " processor is fast at it.")
  private String dtype;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads of the native kernels (default: one for each core that the process may use).")
  private Integer threads;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cpu",
      description = "cpu, or cuda and cuda:N where build and machine have them.")
  private String device;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  /** {@code --dtype}, as it was given. */
  public String dtype() {
    return dtype;
  }

  /** {@code --device}, as it was given. */
  public String deviceName() {
    return device;
  }

  /** Sets the threads, and makes sure that there is the device. */
  public void apply() {
    device();
    if (threads != null) {
      if (threads < 1) {
        throw new UsageFault("--threads must be at least 1, not " + threads);
      }
      Engine.setThreads(threads);
    }
  }

  /**
   * Where models are loaded to.
   *
   * @throws UsageFault if build or machine has no such device
   */
  public Device device() {
    return MachineChoice.device(device);
  }

  /** What to compute in. */
  public DType computeType() {
    return MachineChoice.computeType(dtype);
  }

  public long seed() {
    return seed;
  }
}
