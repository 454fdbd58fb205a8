/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;

/**
 * A comparison of methods at their best, each run of which is a task of its own:
 *
 * <pre>spark-submit --class org.tlora.spark.TunedOnSpark … tlora-spark.jar \
 *   -- compare --tune learning-rate … --output DIR</pre>
 *
 * <p>All executors and the driver see the output, through which they know of each other's results.
 * The driver asks which runs can be taken, spreads them, and asks again, until the tables are
 * written. A task that fails is tried again by Spark; a method that fails is a row that says so.
 */
public final class TunedOnSpark {
  private TunedOnSpark() {}

  /** Runs as a program of {@code spark-submit}. */
  public static void main(String[] args) {
    SparkProgram.run(
        "tlora tuned comparison",
        spark -> {
          run(spark, args);
          return 0;
        });
  }

  /** Runs in a session until the tables are there. */
  public static void run(SparkSession spark, String... args) {
    List<String> command = SparkArguments.command(args);
    if (!command.get(0).equals("compare") || !command.contains("--tune")) {
      throw new UsageFault("this is for compare with --tune, not for " + command.get(0));
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<String> before = List.of();
    for (List<String> next = next(command); !next.isEmpty(); next = next(command)) {
      if (next.equals(before)) {
        throw new RunFault(
            "runs have left no result where the driver looks ("
                + next.get(0)
                + "): does every"
                + " executor see --output?");
      }
      before = next;
      ArrayList<String> shared = new ArrayList<>(command);
      context
          .parallelize(next, next.size())
          .foreach(trial -> ended(with(shared, "--trial", trial)));
    }
  }

  private static List<String> next(List<String> command) {
    return ended(with(command, "--list-trials")).printed().lines().toList();
  }

  private static List<String> with(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    return all;
  }

  private static SparkProgram.Ended ended(List<String> command) {
    LaunchEnvironment alone = new LaunchEnvironment(Map.of(), () -> "localhost");
    SparkProgram.Ended ended = SparkProgram.command(alone, command);
    if (ended.status() != 0) {
      throw new RunFault(ended.said());
    }
    return ended;
  }
}
