/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.plan;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tlora.engine.ProcessMemory;
import org.tlora.fault.Fault;
import org.tlora.fault.Property;
import org.tlora.run.Bytes;
import org.tlora.run.Fitting;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRows;

/** Says before a run begins that it will need more memory than there is. Never a refusal. */
public final class MemoryWarning {
  private MemoryWarning() {}

  /**
   * A line, if there is reason for one; where memory is plenty nothing is rehearsed for that.
   *
   * @param rows as they were read, before the weights are
   */
  public static Optional<String> of(TuningJob job, TuningRows rows) {
    return of(job, rows, ProcessMemory.roomBytes());
  }

  /** The same for so many bytes. */
  public static Optional<String> of(TuningJob job, TuningRows rows, long room) {
    try {
      if (RoughPlan.bytes(job, rows) <= room) {
        return Optional.empty();
      }
      Fitting fitting = Planner.ofMemory(rows).fit(job, room);
      return fitting.asked().peakBytes() <= room ? Optional.empty() : Optional.of(line(fitting));
    } catch (Fault e) {
      return Optional.empty(); // the run says it itself
    } catch (RuntimeException e) { // such as a method of one's own that cannot be rehearsed
      return Optional.of("what memory the run takes is not known before: " + e.getMessage());
    }
  }

  private static String line(Fitting f) {
    String need =
        "this run will need about "
            + Bytes.text(f.asked().peakBytes())
            + " of memory ("
            + f.asked().highest().name()
            + "), and there are "
            + Bytes.text(f.bytes());
    if (f.settings().isEmpty()) {
      return need;
    }
    return need
        + "; with "
        + settings(f.settings())
        + " it will need "
        + Bytes.text(f.proposed().peakBytes())
        + (f.fits() ? "" : ", which is still too much");
  }

  private static String settings(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(
            e ->
                Property.named(e.getKey())
                    + (e.getValue().equals("true") ? "" : " " + e.getValue()))
        .collect(Collectors.joining(", "));
  }
}
