/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import picocli.CommandLine.Option;

/**
 * Runs of several methods, learning rates and seeds, each a task of its own, and one table of them:
 *
 * <pre>spark-submit --class org.tlora.spark.SweepOnSpark … tlora-spark.jar \
 *   --methods lora,tlora --learning-rates 1e-4,2e-4 --seeds 0,1 --output DIR -- compare …</pre>
 *
 * <p>A task that fails is tried again by Spark, on what it had finished. The driver writes {@code
 * sweep.csv} and {@code sweep.md}; each run's own files are below {@code runs/} of the output where
 * the executor that ran it sees that path.
 */
public final class SweepOnSpark {
  @Option(names = "--methods", split = ",", required = true)
  private List<String> methods = new ArrayList<>();

  @Option(names = "--learning-rates", split = ",")
  private List<String> rates = new ArrayList<>();

  @Option(names = "--seeds", split = ",")
  private List<String> seeds = new ArrayList<>();

  @Option(names = "--output", required = true)
  private Path output;

  /** One run where nothing is varied. */
  private static final List<String> NONE = Collections.singletonList(null);

  private SweepOnSpark() {}

  /** A run, by what differs from the others. */
  record One(String method, String rate, String seed) implements Serializable {
    private static final String ANY = "-";

    String name() {
      String all =
          method + (rate == null ? "" : "-lr-" + rate) + (seed == null ? "" : "-seed-" + seed);
      return all.replaceAll("[^A-Za-z0-9.+-]", "_");
    }

    List<String> options(String directory) {
      List<String> all = new ArrayList<>(List.of("--methods", method));
      if (rate != null) {
        all.addAll(List.of("--learning-rate", rate));
      }
      if (seed != null) {
        all.addAll(List.of("--seeds", seed, "--seed", seed));
      }
      all.addAll(List.of("--output", directory + "/runs/" + name()));
      return all;
    }

    /** The line of the table, behind what says which run it is. */
    String line(String comparison) {
      return (rate == null ? ANY : rate) + "," + (seed == null ? ANY : seed) + "," + comparison;
    }
  }

  /** Runs as a program of {@code spark-submit}. */
  public static void main(String[] args) {
    SparkProgram.run(
        "tlora sweep",
        spark -> {
          run(spark, args);
          return 0;
        });
  }

  /** Runs in a session; writes the table. */
  public static void run(SparkSession spark, String... args) {
    List<String> command = SparkArguments.command(args);
    SweepOnSpark own = SparkArguments.own(new SweepOnSpark(), args);
    if (!command.get(0).equals("compare")) {
      throw new UsageFault("a sweep is of compare, not of " + command.get(0));
    }
    for (String option : List.of("--methods", "--seeds", "--output", "--learning-rate")) {
      if (command.contains(option)) {
        throw new UsageFault(option + " goes before --: each task has its own");
      }
    }
    List<One> runs = own.runs();
    ArrayList<String> shared = new ArrayList<>(command);
    String directory = own.output.toString();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    List<String> tables =
        context
            .parallelize(runs, runs.size())
            .map(one -> compared(shared, one, directory))
            .collect();
    own.write(runs, tables);
  }

  private List<One> runs() {
    List<One> all = new ArrayList<>();
    for (String method : methods) {
      for (String rate : rates.isEmpty() ? NONE : rates) {
        for (String seed : seeds.isEmpty() ? NONE : seeds) {
          all.add(new One(method, rate, seed));
        }
      }
    }
    return all;
  }

  /** Does one run on an executor; its table of one line. */
  private static String compared(List<String> shared, One one, String directory) throws Exception {
    List<String> all = new ArrayList<>(shared);
    all.addAll(one.options(directory));
    LaunchEnvironment alone = new LaunchEnvironment(Map.of(), () -> "localhost");
    SparkProgram.Ended ended = SparkProgram.command(alone, all);
    if (ended.status() != 0) {
      throw new RunFault(one.name() + ": " + ended.said());
    }
    return Files.readString(Path.of(directory, "runs", one.name(), "comparison.csv"));
  }

  private void write(List<One> runs, List<String> tables) {
    Map<String, String> lines = new LinkedHashMap<>();
    String head = "";
    for (int i = 0; i < runs.size(); i++) {
      List<String> both = tables.get(i).lines().toList();
      head = "learning_rate,seed," + both.get(0);
      for (String line : both.subList(1, both.size())) {
        lines.put(runs.get(i).name() + lines.size(), runs.get(i).line(line));
      }
    }
    StringBuilder csv = new StringBuilder(head).append('\n');
    StringBuilder markdown = new StringBuilder(row(head));
    markdown.append(row(head.replaceAll("[^,]+", "---")));
    lines.values().forEach(l -> csv.append(l).append('\n'));
    lines.values().forEach(l -> markdown.append(row(l)));
    AtomicFiles.prepareDirectory(output);
    AtomicFiles.writeText(output.resolve("sweep.csv"), csv.toString());
    AtomicFiles.writeText(output.resolve("sweep.md"), markdown.toString());
  }

  private static String row(String line) {
    return "| " + line.replace(",", " | ") + " |\n";
  }
}
