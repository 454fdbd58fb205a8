/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.combine;

/** What can be said of a combination beside adapters and their weights. */
public enum Setting {
  /** The share of the values that is kept. */
  DENSITY("density"),
  /** How the sign of a sum is found. */
  SIGN("sign"),
  /** The rank of the new adapter. */
  RANK("rank"),
  /** Where random numbers start. */
  SEED("seed");

  private final String property;

  Setting(String property) {
    this.property = property;
  }

  /** As messages name it. */
  String quoted() {
    return "`" + property + "`";
  }
}
