/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.tlora.model.DecoderConfig;
import org.tlora.model.TensorNames;

/**
 * Decides whether a decoder's output layer is its token embedding, as transformers does where the
 * configuration says so: one of the two tensors stands for both, equal ones are one, and two that
 * differ stay two.
 *
 * @param config with the decision
 * @param rawNames what the checkpoint calls tensors, by the architecture's names
 * @param separate whether the configuration says they are tied, and they are not
 */
record TiedHead(DecoderConfig config, Map<String, String> rawNames, boolean separate) {
  /**
   * Decides.
   *
   * @param names of the checkpoint's tensors
   * @param equal whether two of them have the same values
   */
  static TiedHead decide(
      DecoderConfig config, Set<String> names, BiPredicate<String, String> equal) {
    Map<String, String> rawNames = new LinkedHashMap<>();
    names.forEach(name -> rawNames.put(name, name));
    boolean embedding = rawNames.containsKey(TensorNames.TOKENS);
    boolean head = rawNames.containsKey(TensorNames.HEAD);
    if (!config.tiedEmbeddings() || !head) {
      return new TiedHead(config, rawNames, false);
    }
    if (!embedding) {
      rawNames.put(TensorNames.TOKENS, rawNames.remove(TensorNames.HEAD));
      return new TiedHead(config, rawNames, false);
    }
    boolean same = equal.test(TensorNames.TOKENS, TensorNames.HEAD);
    return new TiedHead(same ? config : config.untied(), rawNames, !same);
  }
}
