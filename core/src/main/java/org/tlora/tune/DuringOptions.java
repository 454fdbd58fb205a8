/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.fault.UsageFault;
import org.tlora.train.Selection;

/**
 * What is looked at during a run beside its loss.
 *
 * @param selection how the best state is told, or null: the last one is what a run leaves
 * @param sampleEvery steps between texts that the model writes; 0: none
 * @param samplePrompts what it is asked then: a file of rows, or texts; empty: the first rows to
 *     evaluate on, or else to train on
 */
public record DuringOptions(Selection selection, long sampleEvery, List<String> samplePrompts) {
  /** Nothing. */
  public static final DuringOptions NOTHING = new DuringOptions(null, 0, List.of());

  /** Keeps a copy of the prompts; checks what goes together. */
  public DuringOptions {
    samplePrompts = List.copyOf(samplePrompts);
    if (sampleEvery < 0) {
      throw new UsageFault("`sampleEvery` must not be negative");
    }
    if (sampleEvery == 0 && !samplePrompts.isEmpty()) {
      throw new UsageFault("`samplePrompts` needs `sampleEvery`: a number of steps");
    }
  }

  /** What of it decides the result, by name. */
  Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    if (selection != null) {
      all.put("best", selection.toString());
    }
    return all;
  }
}
