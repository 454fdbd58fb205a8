/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.util.Optional;
import org.tlora.fault.UsageFault;

/**
 * {@code JOB_COMPLETION_INDEX} of an Indexed Job of Kubernetes, whose pods are called {@code
 * JOB-INDEX.SERVICE} behind a headless service. How many there are is nowhere to be found in a pod:
 * its manifest must say so in {@code WORLD_SIZE}. A pod without it works by itself.
 */
final class IndexedJob implements Launcher {
  private static final String INDEX = "JOB_COMPLETION_INDEX";

  @Override
  public Optional<World> world(LaunchEnvironment environment) {
    if (!environment.has(INDEX) || !environment.has("WORLD_SIZE")) {
      return Optional.empty();
    }
    int rank = environment.required(INDEX, "");
    int size = environment.required("WORLD_SIZE", "");
    String first = environment.text("MASTER_ADDR", null);
    if (first == null) {
      first = size == 1 ? "127.0.0.1" : firstPod(environment.hostName().get(), rank);
    }
    return Optional.of(
        new World(
            rank,
            size,
            0,
            1,
            first,
            environment.number("MASTER_PORT", World.DEFAULT_PORT),
            false,
            INDEX + " and WORLD_SIZE"));
  }

  /** The name of the pod with index 0, by that of another: {@code job-3.service…}. */
  static String firstPod(String own, int index) {
    int dot = own.indexOf('.') < 0 ? own.length() : own.indexOf('.');
    String end = "-" + index;
    String pod = own.substring(0, dot);
    if (!pod.endsWith(end) || dot == own.length()) {
      throw new UsageFault(
          "this pod's name "
              + own
              + " is not JOB-"
              + index
              + ".SERVICE, so that of the first is not known: set `subdomain` to the headless"
              + " service in the pod's template, or MASTER_ADDR");
    }
    return pod.substring(0, pod.length() - end.length()) + "-0" + own.substring(dot);
  }
}
