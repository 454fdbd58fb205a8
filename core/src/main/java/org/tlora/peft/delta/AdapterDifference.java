/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.delta;

import java.util.List;

/**
 * How far two adapters are apart.
 *
 * @param modules those that either has a product for
 * @param total of all products together
 * @param besides what they have beside products, as far as it differs
 * @param settings keys of their configurations that differ
 * @param notes what a user should know, a line each
 */
public record AdapterDifference(
    List<ModuleDifference> modules,
    Distance total,
    List<BesideDifference> besides,
    List<SettingDifference> settings,
    List<String> notes) {
  /** Copies the lists. */
  public AdapterDifference {
    modules = List.copyOf(modules);
    besides = List.copyOf(besides);
    settings = List.copyOf(settings);
    notes = List.copyOf(notes);
  }

  /**
   * A tensor beside products.
   *
   * @param name what it is of
   * @param distance of the two, or null where they cannot be compared
   * @param remark why not: only one has it, or their sizes differ; empty where they can
   */
  public record BesideDifference(String name, Distance distance, String remark) {}

  /**
   * A key of the configuration.
   *
   * @param a its value in A as JSON, or null where it is not there
   * @param b its value in B
   */
  public record SettingDifference(String key, String a, String b) {}
}
