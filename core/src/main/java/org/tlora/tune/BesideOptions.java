/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.fault.UsageFault;
import org.tlora.peft.PeftMethod;

/**
 * What a user wants to train beside adapters.
 *
 * @param modules whole ones, by the ends of their paths
 * @param tokens of the vocabulary whose vectors train, as texts or as {@code id=5}
 * @param newTokens to be added to it, whose vectors train too
 */
public record BesideOptions(List<String> modules, List<String> tokens, List<String> newTokens) {
  /** Nothing. */
  public static final BesideOptions NOTHING = new BesideOptions(List.of(), List.of(), List.of());

  /** Keeps copies of the lists. */
  public BesideOptions {
    modules = List.copyOf(modules);
    tokens = List.copyOf(tokens);
    newTokens = List.copyOf(newTokens);
  }

  /**
   * Checks them against a method.
   *
   * @throws UsageFault if it trains all weights anyway
   */
  void check(PeftMethod method) {
    if (method.trainsBase() && !(modules.isEmpty() && tokens.isEmpty())) {
      throw new UsageFault(
          "`method` "
              + method.name()
              + " trains all weights: `modulesToSave` and `trainableTokens` have no meaning");
    }
  }

  /** Those that are given, by the option's name. */
  Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    put(all, "modules-to-save", modules);
    put(all, "trainable-tokens", tokens);
    put(all, "new-tokens", newTokens);
    return all;
  }

  private static void put(Map<String, String> all, String name, List<String> values) {
    if (!values.isEmpty()) {
      all.put(name, values.toString());
    }
  }
}
