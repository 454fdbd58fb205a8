/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hipparchus.stat.inference.AlternativeHypothesis;
import org.hipparchus.stat.inference.BinomialTest;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * Two evaluations of the same rows against each other, by their samples: the difference, whether it
 * could be chance (McNemar's exact test over the rows that flipped), and those rows.
 *
 * @param task that both are of
 * @param count rows that both have
 * @param first share of right rows
 * @param second likewise
 * @param standardError of the difference, over the paired rows
 * @param p the chance of a split of flips at least as uneven if both were as good
 * @param gained rows that only the second has right
 * @param lost rows that only the first has right
 */
public record PairedComparison(
    String task,
    int count,
    double first,
    double second,
    double standardError,
    double p,
    List<Long> gained,
    List<Long> lost) {
  /**
   * Compares samples, task by task.
   *
   * @param a lines of a file of samples
   * @param b lines of another
   * @throws InputFault if they have no rows in common, or rows without a verdict
   */
  public static List<PairedComparison> of(List<Row> a, List<Row> b) {
    Map<String, Map<String, Boolean>> first = verdicts(a);
    Map<String, Map<String, Boolean>> second = verdicts(b);
    List<PairedComparison> all = new ArrayList<>();
    for (Map.Entry<String, Map<String, Boolean>> e : first.entrySet()) {
      Map<String, Boolean> other = second.getOrDefault(e.getKey(), Map.of());
      List<String> rows = e.getValue().keySet().stream().filter(other::containsKey).toList();
      if (!rows.isEmpty()) {
        all.add(of(e.getKey(), rows, e.getValue(), other));
      }
    }
    if (all.isEmpty()) {
      throw new InputFault("the two files of samples have no row of a task in common");
    }
    return all;
  }

  private static Map<String, Map<String, Boolean>> verdicts(List<Row> samples) {
    Map<String, Map<String, Boolean>> tasks = new LinkedHashMap<>();
    for (Row sample : samples) {
      ObjectNode f = sample.fields();
      if (!f.path("correct").isBoolean() || !f.path("task").isTextual()) {
        throw new InputFault(sample.where() + " is no sample with 'task' and 'correct'");
      }
      String row = f.path("row").asLong() + " " + f.path("repeat").asInt();
      tasks
          .computeIfAbsent(f.path("task").asText(), t -> new LinkedHashMap<>())
          .put(row, f.path("correct").asBoolean());
    }
    return tasks;
  }

  private static PairedComparison of(
      String task, List<String> rows, Map<String, Boolean> a, Map<String, Boolean> b) {
    List<Long> gained = new ArrayList<>();
    List<Long> lost = new ArrayList<>();
    int rightA = 0;
    int rightB = 0;
    for (String row : rows) {
      boolean before = a.get(row);
      boolean after = b.get(row);
      rightA += before ? 1 : 0;
      rightB += after ? 1 : 0;
      if (before != after) {
        (after ? gained : lost).add(Long.valueOf(row.substring(0, row.indexOf(' '))));
      }
    }
    int n = rows.size();
    int flips = gained.size() + lost.size();
    double mean = (double) (gained.size() - lost.size()) / n;
    double variance = n < 2 ? 0 : (flips - n * mean * mean) / (n - 1) / n;
    double p =
        flips == 0
            ? 1
            : new BinomialTest()
                .binomialTest(flips, gained.size(), 0.5, AlternativeHypothesis.TWO_SIDED);
    return new PairedComparison(
        task,
        n,
        (double) rightA / n,
        (double) rightB / n,
        Math.sqrt(Math.max(0, variance)),
        Math.min(1, p),
        gained,
        lost);
  }

  /** As a line of JSON. */
  public ObjectNode toJson() {
    ObjectNode line = Json.object();
    line.put("task", task).put("count", count).put("first", first).put("second", second);
    line.put("difference", second - first).put("stderr", standardError).put("p_value", p);
    ArrayNode up = line.putArray("gained");
    gained.forEach(up::add);
    ArrayNode down = line.putArray("lost");
    lost.forEach(down::add);
    return line;
  }
}
