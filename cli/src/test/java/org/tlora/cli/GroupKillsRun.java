/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

/** The faults of groups with as many kills as a night has: part of {@code mvn verify -Psoak}. */
class GroupKillsRun extends GroupFaultsTest {
  @Override
  int kills() {
    return 10;
  }
}
