package org.tlora.model.family;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.format.WeightStore;
import org.tlora.model.EncoderConfig;

/**
 * A checkpoint of an encoder under the names that it has with a head, whatever it was saved as: a
 * bare encoder's lack the prefix, a pretraining head is left out, and old files call a norm's
 * weights gamma and beta.
 */
final class EncoderWeights implements WeightStore {
  private final WeightStore raw;
  private final Map<String, String> rawNames = new LinkedHashMap<>();

  EncoderWeights(WeightStore raw, EncoderConfig c) {
    this.raw = raw;
    String prefix = c.names().prefix();
    boolean prefixed = raw.names().stream().anyMatch(n -> n.startsWith(prefix));
    for (String name : raw.names()) {
      String own = name;
      if (own.endsWith("LayerNorm.gamma")) {
        own = own.replace(".gamma", ".weight");
      } else if (own.endsWith("LayerNorm.beta")) {
        own = own.replace(".beta", ".bias");
      }
      boolean ofHead =
          own.startsWith(c.head().dense() + ".") || own.startsWith(c.head().output() + ".");
      if (own.endsWith(".position_ids")) {
        continue; // a buffer that counts 0, 1, ...
      }
      if (ofHead || own.startsWith(prefix)) {
        rawNames.put(own, name);
      } else if (!prefixed) {
        rawNames.put(prefix + own, name);
      }
    }
  }

  @Override
  public Set<String> names() {
    return rawNames.keySet();
  }

  @Override
  public long[] shape(String name) {
    return raw.shape(rawName(name));
  }

  @Override
  public Tensor load(String name, DType type) {
    return raw.load(rawName(name), type);
  }

  private String rawName(String name) {
    String found = rawNames.get(name);
    if (found == null) {
      throw new InputFault("the model's weights have no tensor " + name);
    }
    return found;
  }

  @Override
  public void close() {
    raw.close();
  }
}
