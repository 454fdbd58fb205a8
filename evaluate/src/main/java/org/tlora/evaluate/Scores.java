/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tlora.evaluate.task.Task;
import org.tlora.evaluate.task.TextTask;

/** Sums up samples of which each is right or wrong, one or several to a row. */
final class Scores {
  /** Begins the name of a field that says whether a part of an answer's tests passed. */
  static final String PART = "passed_";

  private static final int[] KS = {1, 10, 100};

  private Scores() {}

  /**
   * A result of samples that were graded in both styles. What the other style makes of them is
   * given beside it where the two are further apart than a standard error.
   */
  static TaskResult ofGraded(
      TextTask task, GradingStyle style, List<ObjectNode> samples, TaskResult.Speed speed) {
    TaskResult result = of(task, task.metric(), samples, List.of(), speed);
    Map<Long, List<ObjectNode>> rows = byRow(samples);
    parts(samples).forEach(part -> result.others().put(part, mean(shares(rows, part))));
    String other = style.other().label();
    double[] shares = shares(rows, "correct_" + other);
    double mean = mean(shares);
    if (Math.abs(mean - result.value()) > result.standardError()) {
      result.others().put("value_" + other, mean);
      result.others().put("stderr_" + other, standardError(shares, mean));
    }
    return result.gradedBy(style);
  }

  private static Set<String> parts(List<ObjectNode> samples) {
    Set<String> all = new LinkedHashSet<>();
    for (ObjectNode sample : samples) {
      sample
          .fieldNames()
          .forEachRemaining(
              name -> {
                if (name.startsWith(PART)) {
                  all.add(name);
                }
              });
    }
    return all;
  }

  private static Map<Long, List<ObjectNode>> byRow(List<ObjectNode> samples) {
    Map<Long, List<ObjectNode>> rows = new LinkedHashMap<>();
    for (ObjectNode s : samples) {
      rows.computeIfAbsent(s.path("row").asLong(), r -> new ArrayList<>()).add(s);
    }
    return rows;
  }

  /** The share of right samples of each row. */
  private static double[] shares(Map<Long, List<ObjectNode>> rows, String flag) {
    return rows.values().stream().mapToDouble(r -> (double) right(r, flag) / r.size()).toArray();
  }

  /**
   * A result of samples with {@code row}, {@code correct} and perhaps {@code category}.
   *
   * @param metric what the share of right ones is called
   * @param flags further yes-or-no fields whose shares are given too
   */
  static TaskResult of(
      Task task,
      String metric,
      List<ObjectNode> samples,
      List<String> flags,
      TaskResult.Speed speed) {
    Map<Long, List<ObjectNode>> rows = byRow(samples);
    double[] shares = shares(rows, "correct");
    double mean = mean(shares);
    Map<String, Double> others = new LinkedHashMap<>();
    for (String flag : flags) {
      others.put(flag, mean(shares(rows, flag)));
    }
    int repeats = rows.values().stream().mapToInt(List::size).min().orElse(1);
    for (int k : KS) {
      if (k > 1 && k <= repeats) {
        others.put("pass@" + k, passAt(k, rows));
      }
    }
    return new TaskResult(
        task,
        metric,
        null,
        mean,
        standardError(shares, mean),
        rows.size(),
        others,
        categories(rows),
        speed,
        samples,
        RowFigure.Mean.of(shares));
  }

  private static int right(List<ObjectNode> samples, String flag) {
    return (int) samples.stream().filter(s -> s.path(flag).asBoolean()).count();
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return sum / values.length;
  }

  /** The standard deviation of the rows' shares by the root of their number. */
  private static double standardError(double[] shares, double mean) {
    if (shares.length < 2) {
      return 0;
    }
    double squares = 0;
    for (double s : shares) {
      squares += (s - mean) * (s - mean);
    }
    return Math.sqrt(squares / (shares.length - 1) / shares.length);
  }

  private static double passAt(int k, Map<Long, List<ObjectNode>> rows) {
    return mean(
        rows.values().stream()
            .mapToDouble(r -> passAt(k, r.size(), right(r, "correct")))
            .toArray());
  }

  /**
   * The unbiased estimate of the chance that one of k samples is right, when c of n are: 1 − C(n−c,
   * k)/C(n, k) (Chen et al., arXiv 2107.03374).
   */
  static double passAt(int k, int n, int c) {
    if (n - c < k) {
      return 1;
    }
    double none = 1;
    for (int i = n - c + 1; i <= n; i++) {
      none *= 1 - (double) k / i;
    }
    return 1 - none;
  }

  private static Map<String, TaskResult.Category> categories(Map<Long, List<ObjectNode>> rows) {
    Map<String, List<Double>> shares = new TreeMap<>();
    for (List<ObjectNode> r : rows.values()) {
      if (r.get(0).has("category")) {
        shares
            .computeIfAbsent(r.get(0).path("category").asText(), c -> new ArrayList<>())
            .add((double) right(r, "correct") / r.size());
      }
    }
    Map<String, TaskResult.Category> categories = new LinkedHashMap<>();
    shares.forEach(
        (name, all) ->
            categories.put(
                name,
                new TaskResult.Category(
                    mean(all.stream().mapToDouble(Double::doubleValue).toArray()), all.size())));
    return categories;
  }
}
