/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.loading;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tlora.data.file.DataFile;
import org.tlora.fault.InputFault;
import org.tlora.hub.Hub;
import org.tlora.hub.HubId;
import org.tlora.hub.HubSettings;
import org.tlora.run.RunListener;

/** What a user names, on disk: paths as they are, ids of the hub downloaded. */
public final class HubFiles {
  private static final String PREFIX = "hub:";

  private final Hub hub;

  /**
   * As the environment's variables say.
   *
   * @param offline whether the cache alone is asked, whatever they say
   */
  public static HubFiles ofEnvironment(boolean offline, RunListener listener) {
    HubSettings settings =
        HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home")));
    return new HubFiles(offline ? settings.offlineOnly() : settings, listener);
  }

  /** Downloads what is not in the cache, as the settings say, and tells the listener. */
  public HubFiles(HubSettings settings, RunListener listener) {
    hub = new Hub(settings, new Downloads(listener));
  }

  /** A model's or adapter's place: a path that exists, else an id of the hub. */
  public Path model(String text) {
    try {
      Path path = Path.of(text);
      Optional<HubId> id = HubId.model(text);
      return id.isEmpty() || Files.exists(path) || text.endsWith(".gguf")
          ? path
          : hub.model(id.get());
    } catch (InvalidPathException e) {
      throw new InputFault(text + " is not a file name: " + e.getReason(), e);
    }
  }

  /** Arguments in which data sets of the hub have become their files. */
  public List<String> data(List<String> arguments) {
    List<String> files = new ArrayList<>();
    for (String argument : arguments) {
      if (argument.startsWith(PREFIX)) {
        int at = argument.indexOf('@');
        String weight = at < 0 ? "" : argument.substring(at);
        if (at >= 0) {
          DataFile.weight(argument, argument.substring(at + 1)); // before anything is downloaded
        }
        String id = argument.substring(PREFIX.length(), at < 0 ? argument.length() : at);
        hub.data(id).forEach(file -> files.add(file + weight));
      } else {
        files.add(argument);
      }
    }
    return files;
  }
}
