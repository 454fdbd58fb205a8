/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.gguf;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.model.family.GgufLayout;

/**
 * A GGUF file's metadata under an architecture's name. It remembers which were asked for, so that
 * {@link #notices} can name the others.
 */
public final class GgufMetadata implements GgufLayout.Metadata {
  /** Keys that say nothing about what is computed with the family's tensors. */
  private static final Set<String> HARMLESS =
      Set.of(
          "vocab_size",
          "attention.value_length",
          "rope.scaling.finetuned",
          "rope.scaling.original_context_length",
          "tensor_data_layout");

  private final Map<String, Object> values;
  private final String architecture;
  private final String where;
  private final Set<String> read = new HashSet<>();

  /**
   * Metadata.
   *
   * @param where names the file in messages
   */
  public GgufMetadata(Map<String, Object> values, String architecture, String where) {
    this.values = values;
    this.architecture = architecture;
    this.where = where;
  }

  /** Names the file in messages. */
  String where() {
    return where;
  }

  /** The value of {@code ARCHITECTURE.key}, or null. */
  Object get(String key) {
    read.add(key);
    return values.get(architecture + "." + key);
  }

  @Override
  public long integer(String key) {
    if (get(key) instanceof Long l && l > 0) {
      return l;
    }
    throw new InputFault(where + ": metadata " + architecture + "." + key + " is missing");
  }

  @Override
  public long integer(String key, long fallback) {
    return get(key) instanceof Long l ? l : fallback;
  }

  /** Files hold float32; its shortest decimal form is what the original configuration said. */
  @Override
  public double decimal(String key, double fallback) {
    return get(key) instanceof Double d
        ? Double.parseDouble(Float.toString(d.floatValue()))
        : fallback;
  }

  /** A line that names the metadata of the architecture that nothing has asked for. */
  public List<String> notices() {
    List<String> unused = new ArrayList<>();
    String prefix = architecture + ".";
    values.forEach(
        (name, value) -> {
          String key = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
          boolean off = (value instanceof Long l && l == 0) || Boolean.FALSE.equals(value);
          if (!key.isEmpty() && !off && !read.contains(key) && !HARMLESS.contains(key)) {
            unused.add(name + " (" + value + ")");
          }
        });
    return unused.isEmpty()
        ? List.of()
        : List.of(where + ": not used: " + String.join(", ", unused));
  }
}
