/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import org.tlora.cli.option.ProgramVersion;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"tlora " + ProgramVersion.text()};
  }
}
