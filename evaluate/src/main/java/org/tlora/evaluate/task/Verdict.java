/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.task;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What became of an answer.
 *
 * @param extracted what was read from it, or null if nothing could be
 * @param correct whether that is right
 * @param parts what else is said of it, by name, such as whether it passes a first part of the
 *     tests; mostly empty
 */
public record Verdict(String extracted, boolean correct, Map<String, Boolean> parts) {
  /** Keeps a copy, in its order. */
  public Verdict {
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  /** Without parts. */
  public Verdict(String extracted, boolean correct) {
    this(extracted, correct, Map.of());
  }
}
