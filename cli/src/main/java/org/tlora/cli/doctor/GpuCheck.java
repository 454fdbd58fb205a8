/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether there is a GPU that the build can use. */
record GpuCheck(Path root, Probe probe) implements Check {
  @Override
  public String name() {
    return "GPU";
  }

  @Override
  public List<Finding> findings() {
    boolean driver = Files.exists(root.resolve("proc/driver/nvidia/version"));
    boolean device = Files.exists(root.resolve("dev/nvidiactl"));
    if (!probe.isThere()) {
      return List.of(Finding.ok(name(), "not known: the native libraries cannot be asked"));
    }
    boolean build = probe.report().path("cuda_build").asBoolean();
    int devices = probe.report().path("cuda_devices").asInt();
    return List.of(
        finding(build, devices, driver, device).with("build", build).with("devices", devices));
  }

  private Finding finding(boolean build, int devices, boolean driver, boolean device) {
    if (devices > 0) {
      return Finding.ok(name(), devices + " that --device cuda takes");
    }
    if (!build) {
      String there = driver || device ? ", though the machine has one of NVIDIA" : "";
      return Finding.ok(name(), "none: this build of libtorch computes on processors" + there);
    }
    return driver || device
        ? Finding.warning(
            name(),
            "the machine has one of NVIDIA, which libtorch cannot use",
            driver
                ? "install a driver as new as the build's CUDA"
                : "give the container its devices, such as --gpus all")
        : Finding.ok(name(), "none: the machine has no driver of NVIDIA");
  }
}
