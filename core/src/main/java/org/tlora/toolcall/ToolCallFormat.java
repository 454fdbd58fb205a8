/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.toolcall;

import java.util.List;
import org.tlora.constrain.Grammar;
import org.tlora.generate.ToolCall;

/** A way in which models write calls of tools. */
public interface ToolCallFormat {
  /**
   * What a text says and calls.
   *
   * @param said what stands beside the calls
   * @param calls in their order
   */
  record Parsed(String said, List<ToolCall> calls) {}

  /**
   * What a call begins with, wherever in the answer it comes: a token of its own or a text. Empty:
   * an answer is a call as a whole or not at all.
   */
  String opening();

  /** The calls of a finished text; what cannot be read as a call stays a text. */
  Parsed parse(String text);

  /**
   * What stands behind the opening of a call.
   *
   * @param tools any of which is called
   * @param many whether other calls may follow where the format has them behind one opening
   * @throws org.tlora.fault.InputFault if parameters of a tool cannot be held to
   */
  Grammar grammar(List<Tool> tools, boolean many);
}
