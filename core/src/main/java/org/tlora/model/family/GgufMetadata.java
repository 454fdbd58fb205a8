package org.tlora.model.family;

import java.util.Map;
import org.tlora.fault.InputFault;

/**
 * A GGUF file's metadata under an architecture's name.
 *
 * @param where names the file in messages
 */
record GgufMetadata(Map<String, Object> values, String architecture, String where) {
  /** The value of {@code ARCHITECTURE.key}, or null. */
  Object get(String key) {
    return values.get(architecture + "." + key);
  }

  /** A positive number that must be there. */
  long integer(String key) {
    if (get(key) instanceof Long l && l > 0) {
      return l;
    }
    throw new InputFault(where + ": metadata " + architecture + "." + key + " is missing");
  }

  long integer(String key, long fallback) {
    return get(key) instanceof Long l ? l : fallback;
  }

  /** Metadata hold float32; its shortest decimal form is what the original configuration said. */
  double decimal(String key, double fallback) {
    return get(key) instanceof Double d
        ? Double.parseDouble(Float.toString(d.floatValue()))
        : fallback;
  }
}
