/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.tlora.model.EncoderConfig;

/**
 * What an encoder's checkpoint calls its tensors, whatever it was saved as: a bare encoder's lack
 * the prefix, and old files call a norm's weights gamma and beta.
 */
final class EncoderKeys {
  private EncoderKeys() {}

  /** The checkpoint's names by those that the tensors have in a model with a head. */
  static Map<String, String> rawNames(Set<String> names, EncoderConfig c) {
    Map<String, String> rawNames = new LinkedHashMap<>();
    String prefix = c.names().prefix();
    boolean prefixed = names.stream().anyMatch(n -> n.startsWith(prefix));
    for (String name : names) {
      String own = name;
      if (own.endsWith("LayerNorm.gamma")) {
        own = own.replace(".gamma", ".weight");
      } else if (own.endsWith("LayerNorm.beta")) {
        own = own.replace(".beta", ".bias");
      }
      boolean ofHead =
          own.startsWith(c.head().dense() + ".") || own.startsWith(c.head().output() + ".");
      if (ofHead || own.startsWith(prefix)) {
        rawNames.put(own, name);
      } else if (!prefixed) {
        rawNames.put(prefix + own, name);
      }
    }
    return rawNames;
  }
}
