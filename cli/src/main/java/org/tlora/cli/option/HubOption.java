/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import org.tlora.cli.terminal.Progress;
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
    return HubFiles.ofEnvironment(offline, new Progress());
  }
}
