/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

/** A run that is killed twenty times: part of {@code mvn verify -Psoak}. */
class KillsRun extends KillTest {
  @Override
  int kills() {
    return 20;
  }
}
