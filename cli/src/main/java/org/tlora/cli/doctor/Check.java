/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.util.List;

/** Looks at a part of the machine, or of how the program runs on it; changes nothing. */
interface Check {
  /** What it looks at, for the case that it fails. */
  String name();

  /** What it finds. */
  List<Finding> findings();
}
