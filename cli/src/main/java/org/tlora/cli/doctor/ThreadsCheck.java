/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.engine.Cores;

/** How much of the machine the process may use, and how much of it others use. */
record ThreadsCheck(Map<String, String> environment) implements Check {
  @Override
  public String name() {
    return "threads";
  }

  @Override
  public List<Finding> findings() {
    List<Finding> all = new ArrayList<>();
    Cores cores = Cores.detect();
    all.add(threads(cores));
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    if (load >= 0) {
      all.add(load(load, Runtime.getRuntime().availableProcessors()));
    }
    String policy = environment.get("OMP_WAIT_POLICY");
    if (policy != null && policy.equalsIgnoreCase("active")) {
      all.add(
          Finding.warning(
              "waiting",
              "OMP_WAIT_POLICY=active: threads that wait spin, and take time from others",
              "take it out of the environment where anything else runs beside"));
    }
    return all;
  }

  static Finding threads(Cores c) {
    String text =
        c.threads()
            + " compute: "
            + c.cores()
            + (c.cores() == 1 ? " core, " : " cores, ")
            + c.processors()
            + (c.processors() == 1 ? " processor" : " processors");
    boolean limited = c.quota() < c.cores();
    Finding found =
        limited
            ? Finding.warning(
                "threads",
                text
                    + String.format(
                        Locale.ROOT, ", of which a control group gives %.2f", c.quota()),
                "give the container more processors if there are more")
            : Finding.ok("threads", text);
    return found
        .with("threads", c.threads())
        .with("cores", c.cores())
        .with("processors", c.processors());
  }

  static Finding load(double load, int processors) {
    String text =
        String.format(Locale.ROOT, "%.1f of %d processors in the last minute", load, processors);
    return load > 0.5 * processors
        ? Finding.warning(
            "load", text, "steps are slower while something else runs; --threads keeps off it")
        : Finding.ok("load", text);
  }
}
