/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.List;
import java.util.Map;

/** A method of a value, before it is called. */
record Method(Object of, String name) implements Function {
  @Override
  public Object call(Machine machine, List<Object> positional, Map<String, Object> named) {
    machine.budget().steps(1 + Python.cost(of));
    return Methods.call(machine, of, name, positional, named);
  }
}
