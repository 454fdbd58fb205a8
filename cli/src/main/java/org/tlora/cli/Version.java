/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import org.tlora.card.LibraryVersion;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"tlora " + LibraryVersion.text()};
  }
}
