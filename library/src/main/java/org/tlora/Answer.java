/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.List;
import org.tlora.generate.Generation;
import org.tlora.generate.ToolCall;

/**
 * What the model answered.
 *
 * @param content its text, without calls of tools; may be empty
 * @param calls of tools, in their order
 * @param generation how it came about
 */
public record Answer(String content, List<ToolCall> calls, Generation generation) {
  /** Keeps a copy. */
  public Answer {
    calls = List.copyOf(calls);
  }
}
