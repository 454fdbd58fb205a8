/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.SparkSession;
import org.tlora.fault.Fault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Option;
import scala.reflect.ClassTag$;

/**
 * Training as one barrier stage, a rank a task:
 *
 * <pre>spark-submit --class org.tlora.spark.TrainOnSpark … tlora-spark.jar \
 *   --ranks 4 [--rows PATH --format parquet --column prompt=question …] -- train --output DIR …
 * </pre>
 *
 * <p>The output is on a path that all executors and the next attempt see; Spark's retry of the
 * stage goes on from the newest checkpoint, to the bit. A task takes {@code spark.task.cpus}
 * threads, so that one for each core of an executor makes one rank an executor.
 */
public final class TrainOnSpark {
  @Option(names = "--ranks", required = true, paramLabel = "N", description = "Tasks of the stage.")
  private int ranks;

  @Option(names = "--rows", description = "A table, or a path with --format, instead of --data.")
  private String rows;

  @Option(names = "--format", description = "Spark's name of the format of --rows.")
  private String format;

  @Option(names = "--column", description = "FIELD=EXPRESSION: what a row's fields are made of.")
  private List<String> columns = new ArrayList<>();

  private TrainOnSpark() {}

  /** Runs as a program of {@code spark-submit}. */
  public static void main(String[] args) {
    SparkProgram.run("tlora train", spark -> run(spark, args));
  }

  /**
   * Runs in a session.
   *
   * @return 0, or 130 where the ranks were asked to stop
   * @throws Fault what is wrong, of the first rank that says so
   */
  public static int run(SparkSession spark, String... args) {
    List<String> command = SparkArguments.command(args);
    TrainOnSpark own = SparkArguments.own(new TrainOnSpark(), args);
    if (!List.of("train", "calibrate").contains(command.get(0))) {
      throw new UsageFault("ranks share train or calibrate here, not " + command.get(0));
    }
    if (own.ranks < 1) {
      throw new UsageFault("--ranks must be at least 1, not " + own.ranks);
    }
    if (spark.sparkContext().conf().getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new UsageFault(
          "a barrier stage needs all its executors at once: set spark.dynamicAllocation.enabled"
              + " to false");
    }
    if (command.get(0).equals("train") && !command.contains("--resume")) {
      command.add("--resume"); // a stage that is started anew goes on
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<String> lines = null;
    if (own.rows != null) {
      lines =
          context.broadcast(
              FrameRows.lines(FrameRows.read(spark, own.rows, own.format, own.columns)));
    }
    List<Integer> parts = IntStream.range(0, own.ranks).boxed().toList();
    RDD<RankTask.Ended> stage =
        context
            .parallelize(parts, own.ranks)
            .rdd()
            .barrier()
            .mapPartitions(
                new RankTask(command, lines), false, ClassTag$.MODULE$.apply(RankTask.Ended.class));
    // Spark starts a barrier stage anew only where another one follows it
    return statusOf(stage.toJavaRDD().repartition(1).collect());
  }

  private static int statusOf(List<RankTask.Ended> ranks) {
    for (RankTask.Ended e : ranks) {
      if (e.status() == 2 || e.status() == 3) {
        throw e.status() == 2
            ? new UsageFault("rank " + e.rank() + ": " + e.said())
            : new RunFault("rank " + e.rank() + ": " + e.said());
      }
    }
    return ranks.stream().mapToInt(RankTask.Ended::status).max().orElse(0);
  }
}
