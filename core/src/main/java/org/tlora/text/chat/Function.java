/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;
import java.util.Map;

/** Something that templates can call. */
interface Function {
  /** Calls it. */
  Object call(Machine machine, List<Object> positional, Map<String, Object> named);
}
