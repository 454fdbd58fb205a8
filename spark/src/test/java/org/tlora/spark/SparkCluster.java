/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** A cluster on this machine whose executors are processes of their own, of one core each. */
final class SparkCluster {
  private SparkCluster() {}

  /**
   * Starts one.
   *
   * @param home takes what Spark looks for where it is installed, which is nothing: the class path
   *     of this process is that of the executors
   */
  static SparkSession start(int executors, Path home) throws IOException {
    Files.createDirectories(home.resolve("jars"));
    Files.createDirectories(home.resolve("launcher/target/scala-2.13")); // says which Scala
    System.setProperty("spark.testing", "true");
    System.setProperty("spark.test.home", home.toString());
    return SparkSession.builder()
        .master("local-cluster[" + executors + ",1,1024]")
        .appName("test")
        .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .config("spark.executor.memory", "512m")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", home.resolve("warehouse").toString())
        .config("spark.barrier.sync.timeout", "120s")
        .config("spark.task.maxFailures", "4")
        .getOrCreate();
  }
}
