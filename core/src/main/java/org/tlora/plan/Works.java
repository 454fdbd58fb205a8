/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.plan;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tlora.engine.Computation;
import org.tlora.engine.Footprint.Work;

/** Arithmetic of what was counted. */
final class Works {
  static final Work NOTHING = new Work(0, Map.of(), 0, Map.of(), 0, 0);

  private Works() {}

  /** What holds the most; what is computed is that of it. */
  static Work larger(Work a, Work b) {
    Work most = a.peak() >= b.peak() ? a : b;
    return new Work(
        most.peak(),
        most.parts(),
        Math.max(a.resident(), b.resident()),
        most.computed(),
        most.written(),
        most.handles());
  }

  /** What is computed in a whole and not in a part of it. */
  static Work less(Work whole, Work part) {
    Map<Computation, Long> rest = new LinkedHashMap<>(whole.computed());
    part.computed().forEach((c, n) -> rest.merge(c, -n, Long::sum));
    rest.values().removeIf(n -> n <= 0);
    return new Work(
        whole.peak(),
        whole.parts(),
        whole.resident(),
        rest,
        Math.max(0, whole.written() - part.written()),
        Math.max(0, whole.handles() - part.handles()));
  }
}
