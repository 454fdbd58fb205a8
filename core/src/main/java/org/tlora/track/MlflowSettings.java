/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.tlora.fault.UsageFault;

/**
 * How an MLflow server is reached.
 *
 * @param server its address, without a slash at its end
 * @param authorization a header, or null; it goes into requests and nowhere else
 * @param experiment that the run belongs to
 * @param runName null: the run is called after its output
 * @param timeout of a request
 * @param patience the first wait before a request is repeated
 */
record MlflowSettings(
    String server,
    String authorization,
    String experiment,
    String runName,
    Duration timeout,
    Duration patience) {
  private static final String URI_VARIABLE = "MLFLOW_TRACKING_URI";
  private static final String EXPERIMENT = "tlora";

  /**
   * By the variables of MLflow's own clients.
   *
   * @throws UsageFault if no server is named
   */
  static MlflowSettings of(Map<String, String> environment) {
    String named = environment.getOrDefault(URI_VARIABLE, "").strip();
    if (!named.matches("https?://.+")) {
      throw new UsageFault(
          "`track` mlflow needs the address of a server, such as http://localhost:5000, in the"
              + " environment variable "
              + URI_VARIABLE
              + (named.isEmpty() ? "" : ", not " + named));
    }
    try {
      URI.create(named);
    } catch (IllegalArgumentException e) {
      throw new UsageFault("`track` mlflow: " + URI_VARIABLE + " is no address: " + named, e);
    }
    String seconds = environment.getOrDefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "");
    return new MlflowSettings(
        named.replaceAll("/+$", ""),
        authorization(environment),
        environment.getOrDefault("MLFLOW_EXPERIMENT_NAME", EXPERIMENT),
        environment.get("MLFLOW_RUN_NAME"),
        Duration.ofSeconds(seconds.matches("[1-9]\\d{0,4}") ? Long.parseLong(seconds) : 20),
        Duration.ofSeconds(1));
  }

  private static String authorization(Map<String, String> environment) {
    String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
    String password = environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
    String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
    if (!user.isEmpty()) {
      byte[] both = (user + ":" + password).getBytes(UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(both);
    }
    return token.isEmpty() ? null : "Bearer " + token;
  }

  /** Without what must not be seen. */
  @Override
  public String toString() {
    return server + ", experiment " + experiment;
  }
}
