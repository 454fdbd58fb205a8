/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.tlora.tune.TuningJob;

/**
 * A point of a grid.
 *
 * @param values by axis
 */
public record Setting(Map<Axis, Double> values) {
  /** Keeps a copy. */
  public Setting {
    Map<Axis, Double> copy = new EnumMap<>(Axis.class);
    copy.putAll(values);
    values = Collections.unmodifiableMap(copy);
  }

  /** The same job with these values. */
  TuningJob on(TuningJob job) {
    TuningJob with = job;
    for (Map.Entry<Axis, Double> e : values.entrySet()) {
      with = e.getKey().on(with, e.getValue());
    }
    return with;
  }

  /** A value as short as it can be said. */
  static String text(double value) {
    BigDecimal exact = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
    String plain = exact.toPlainString();
    return plain.length() <= 7 ? plain : exact.toString();
  }

  /** Such as {@code learning-rate=0.001,alpha=16}. */
  public String label() {
    return values.entrySet().stream()
        .map(e -> e.getKey().label() + "=" + text(e.getValue()))
        .collect(Collectors.joining(","));
  }
}
