/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.function.ToIntFunction;
import org.apache.spark.sql.SparkSession;
import org.tlora.cli.Main;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.fault.Fault;

/** What programs of {@code spark-submit} have in common. */
final class SparkProgram {
  private SparkProgram() {}

  /** Runs a job in a session of its own, and ends the process with its status. */
  static void run(String name, ToIntFunction<SparkSession> job) {
    int status;
    SparkSession spark = SparkSession.builder().appName(name).getOrCreate();
    try {
      status = job.applyAsInt(spark);
    } catch (Fault e) {
      System.err.println("tlora: " + e.getMessage());
      status = e.exitStatus();
    } finally {
      spark.stop();
    }
    System.exit(status);
  }

  /**
   * How a command ended.
   *
   * @param printed what it printed
   * @param said its messages
   */
  record Ended(int status, String printed, String said) {
    /** The last of its messages, which says what went wrong. */
    String last() {
      return said.lines().reduce((a, b) -> b).orElse("");
    }
  }

  /** Runs the command line within a task. */
  static Ended command(LaunchEnvironment place, List<String> arguments) {
    StringWriter printed = new StringWriter();
    StringWriter said = new StringWriter();
    int status =
        Main.run(
            place,
            new PrintWriter(printed, true),
            new PrintWriter(said, true),
            arguments.toArray(String[]::new));
    return new Ended(status, printed.toString(), said.toString().strip());
  }
}
