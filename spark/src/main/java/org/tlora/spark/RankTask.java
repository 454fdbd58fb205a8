/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.broadcast.Broadcast;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.collective.LaunchPlan;
import org.tlora.fault.RunFault;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/** One rank of a command, as a task of a barrier stage: all of them run, or none. */
final class RankTask extends AbstractFunction1<Iterator<Integer>, Iterator<RankTask.Ended>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The status of a fault that trying again may help against. */
  private static final int RUN_FAILED = 4;

  /**
   * How a rank ended.
   *
   * @param said the last line of its messages
   */
  record Ended(int rank, int status, String said) implements Serializable {}

  private final ArrayList<String> command;
  private final Broadcast<String> rows; // or null: the command names files

  RankTask(List<String> command, Broadcast<String> rows) {
    this.command = new ArrayList<>(command);
    this.rows = rows;
  }

  @Override
  public Iterator<Ended> apply(Iterator<Integer> unused) {
    BarrierTaskContext context = BarrierTaskContext.get();
    int rank = context.partitionId();
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    String[] places = context.allGather(host + " " + LaunchPlan.freePort(host));
    List<String> all = new ArrayList<>(command);
    if (all.stream().noneMatch(a -> a.startsWith("--threads"))) {
      all.addAll(List.of("--threads", "" + context.cpus()));
    }
    Path local = null;
    try {
      if (rows != null) {
        local = Files.createTempFile("tlora-rows", ".jsonl");
        Files.writeString(local, rows.value(), StandardCharsets.UTF_8);
        all.addAll(List.of("--data", local.toString()));
      }
      LaunchEnvironment place = new LaunchEnvironment(place(rank, places), () -> host);
      SparkProgram.Ended command = SparkProgram.command(place, all);
      if (command.status() == RUN_FAILED) {
        throw new RunFault("rank " + rank + ": " + command.last()); // Spark starts the stage anew
      }
      List<Ended> ended = List.of(new Ended(rank, command.status(), command.last()));
      return CollectionConverters.asScala(ended.iterator());
    } catch (IOException e) {
      throw new RunFault("the rows cannot be written to a temporary file: " + e.getMessage(), e);
    } finally {
      delete(local);
    }
  }

  /** What a launcher would have said. */
  static Map<String, String> place(int rank, String[] places) {
    String own = places[rank].split(" ")[0];
    int before = 0;
    int here = 0;
    for (int r = 0; r < places.length; r++) {
      boolean same = places[r].split(" ")[0].equals(own);
      here += same ? 1 : 0;
      before += same && r < rank ? 1 : 0;
    }
    Map<String, String> all = new LinkedHashMap<>();
    all.put("RANK", "" + rank);
    all.put("WORLD_SIZE", "" + places.length);
    all.put("LOCAL_RANK", "" + before);
    all.put("LOCAL_WORLD_SIZE", "" + here);
    all.put("MASTER_ADDR", places[0].split(" ")[0]);
    all.put("MASTER_PORT", places[0].split(" ")[1]);
    return all;
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // a temporary file that the system clears away
    }
  }
}
