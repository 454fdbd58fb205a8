/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.tlora.fault.UsageFault;

/**
 * Where the hub is and what is kept where, from the environment variables of Hugging Face's own
 * tools.
 *
 * @param endpoint {@code HF_ENDPOINT}
 * @param cache {@code HF_HUB_CACHE}, or below {@code HF_HOME}
 * @param token from {@code HF_TOKEN} or the file that logging in writes; null: none. It is sent to
 *     the endpoint alone and written nowhere
 * @param offline {@code HF_HUB_OFFLINE}: only the cache
 * @param patience the unit of waiting between tries
 * @param stall {@code HF_HUB_DOWNLOAD_TIMEOUT}: so long a server may send nothing
 */
public record HubSettings(
    URI endpoint, Path cache, String token, boolean offline, Duration patience, Duration stall) {
  private static final String DEFAULT_ENDPOINT = "https://huggingface.co";
  private static final Duration DEFAULT_STALL = Duration.ofSeconds(60);
  private static final int MOST_STALL_SECONDS = 86_400;

  /** Settings with the usual patience for servers that send nothing. */
  public HubSettings(URI endpoint, Path cache, String token, boolean offline, Duration patience) {
    this(endpoint, cache, token, offline, patience, DEFAULT_STALL);
  }

  /** The settings of an environment. */
  public static HubSettings of(Map<String, String> environment, Path home) {
    Path root =
        environment.containsKey("HF_HOME")
            ? Path.of(environment.get("HF_HOME"))
            : home.resolve(".cache/huggingface");
    Path cache =
        environment.containsKey("HF_HUB_CACHE")
            ? Path.of(environment.get("HF_HUB_CACHE"))
            : root.resolve("hub");
    String offline = environment.getOrDefault("HF_HUB_OFFLINE", "0");
    return new HubSettings(
        endpoint(environment.getOrDefault("HF_ENDPOINT", DEFAULT_ENDPOINT)),
        cache,
        token(environment, root),
        offline.matches("(?i)1|true|yes|on"),
        Duration.ofSeconds(1),
        stall(environment.getOrDefault("HF_HUB_DOWNLOAD_TIMEOUT", "").strip()));
  }

  private static Duration stall(String text) {
    if (text.isEmpty()) {
      return DEFAULT_STALL;
    }
    try {
      double seconds = Double.parseDouble(text);
      if (seconds > 0 && seconds <= MOST_STALL_SECONDS) {
        return Duration.ofNanos((long) (seconds * 1e9));
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new UsageFault(
        "HF_HUB_DOWNLOAD_TIMEOUT must be a number of seconds up to "
            + MOST_STALL_SECONDS
            + ", not "
            + text);
  }

  private static URI endpoint(String text) {
    try {
      URI uri = URI.create(text.replaceFirst("/+$", ""));
      if (uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new UsageFault("HF_ENDPOINT is not an address: " + text);
  }

  private static String token(Map<String, String> environment, Path root) {
    String token = environment.getOrDefault("HF_TOKEN", "").strip();
    if (!token.isEmpty()) {
      return token;
    }
    Path file =
        environment.containsKey("HF_TOKEN_PATH")
            ? Path.of(environment.get("HF_TOKEN_PATH"))
            : root.resolve("token");
    try {
      String kept = Files.exists(file) ? Files.readString(file).strip() : "";
      return kept.isEmpty() ? null : kept;
    } catch (IOException e) {
      return null; // public repositories need none
    }
  }

  /** The same without the network. */
  public HubSettings offlineOnly() {
    return new HubSettings(endpoint, cache, token, true, patience, stall);
  }

  @Override
  public String toString() {
    return endpoint + ", cache " + cache; // never the token
  }
}
