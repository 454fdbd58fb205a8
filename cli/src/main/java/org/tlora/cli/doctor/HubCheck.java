/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tlora.fault.UsageFault;
import org.tlora.hub.HubReach;
import org.tlora.hub.HubSettings;

/** Whether models and data can be had from the hub; a token is looked for and never shown. */
record HubCheck(Map<String, String> environment, Path home) implements Check {
  private static final Duration LONGEST = Duration.ofSeconds(4);
  private static final int FAILING = 500;

  @Override
  public String name() {
    return "hub";
  }

  @Override
  public List<Finding> findings() {
    HubSettings settings;
    try {
      settings = HubSettings.of(environment, home);
    } catch (UsageFault e) {
      return List.of(Finding.warning(name(), e.getMessage(), "correct the variable"));
    }
    List<Finding> all = new ArrayList<>();
    all.add(
        reached(settings)
            .with("offline", settings.offline())
            .with("endpoint", "" + settings.endpoint()));
    boolean token = settings.token() != null;
    all.add(
        Finding.ok(
                "hub token",
                token
                    ? (environment.getOrDefault("HF_TOKEN", "").isBlank()
                        ? "there, from the file that logging in writes"
                        : "there, from HF_TOKEN")
                    : "none: public models and data need none")
            .with("present", token));
    return all;
  }

  private Finding reached(HubSettings settings) {
    if (settings.offline()) {
      return Finding.ok(name(), "switched off (HF_HUB_OFFLINE): the cache alone");
    }
    HubReach reach = HubReach.of(settings, LONGEST);
    String where = "" + settings.endpoint();
    if (!reach.isReached()) {
      return Finding.warning(
              name(), where + " cannot be reached: " + reach.failure(), advice(reach.failure()))
          .with("reachable", false);
    }
    String text = where + " answered after " + reach.milliseconds() + " ms";
    Finding found =
        reach.status() >= FAILING
            ? Finding.warning(name(), text + " with " + reach.status(), "try again later")
            : Finding.ok(name(), text);
    return found.with("reachable", true).with("status", reach.status());
  }

  private String advice(String failure) {
    boolean proxy =
        environment.containsKey("HTTPS_PROXY") || environment.containsKey("https_proxy");
    if (proxy && System.getProperty("https.proxyHost") == null) {
      return "Java does not read HTTPS_PROXY: set TLORA_JAVA_OPTIONS=-Dhttps.proxyHost=HOST"
          + " -Dhttps.proxyPort=PORT";
    }
    return failure.contains("PKIX") || failure.contains("certificat")
        ? "Java does not trust who answered: add the certificate to its trust store"
            + " (-Djavax.net.ssl.trustStore=FILE)"
        : "models and data of the cache and of this machine work; --offline does not try";
  }
}
