/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.nio.file.Path;
import org.tlora.cli.terminal.Progress;
import org.tlora.hub.HubSettings;
import org.tlora.loading.HubFiles;
import picocli.CommandLine.Option;

/** The option of commands that may take something from the hub. */
public final class HubOption {
  @Option(
      names = "--offline",
      description = "Take what is on the hub from the cache alone, as HF_HUB_OFFLINE=1 does.")
  private boolean offline;

  /** Whether only the cache may be asked. */
  public boolean offline() {
    return offline;
  }

  /** Files of paths and of the hub. */
  public HubFiles files() {
    HubSettings settings =
        HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home")));
    return new HubFiles(offline ? settings.offlineOnly() : settings, new Progress());
  }
}
