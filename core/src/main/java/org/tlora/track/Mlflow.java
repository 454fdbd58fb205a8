/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import java.util.Map;

/**
 * An MLflow server, named by the variables that MLflow's own clients know it by. What is to be sent
 * goes to a queue in {@code mlflow/} of the output first.
 */
final class Mlflow implements Tracker {
  @Override
  public String name() {
    return "mlflow";
  }

  @Override
  public void check(Map<String, String> environment) {
    MlflowSettings.of(environment);
  }

  @Override
  public Tracking open(TrackedRun run, Map<String, String> environment) {
    return new MlflowTracking(run, MlflowSettings.of(environment));
  }
}
