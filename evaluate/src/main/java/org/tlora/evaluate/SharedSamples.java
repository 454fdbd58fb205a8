/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.tlora.collective.Collective;
import org.tlora.format.Json;

/**
 * Samples that the processes of a group share: some at a time, of which each takes every
 * so-manieth, and all get what the others made of theirs.
 */
public final class SharedSamples {
  /** So many for each text that is generated side by side, until results are exchanged. */
  private static final int ROUNDS = 8;

  private final Collective group;

  /** Samples of a group, which may be a process by itself. */
  public SharedSamples(Collective group) {
    this.group = group;
  }

  /**
   * Gives all processes what the first one knows already.
   *
   * @param samples a place for each, null where nothing is known; the others' are filled in
   */
  void shareKnown(ObjectNode[] samples) {
    if (!group.isGroup()) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    for (ObjectNode line : samples) {
      lines.append(line == null ? "-" : Json.compact(line)).append('\n');
    }
    String first = new String(group.broadcast(lines.toString().getBytes(UTF_8), 0), UTF_8);
    List<String> all = first.lines().toList();
    for (int i = 0; i < samples.length; i++) {
      boolean known = !all.get(i).equals("-");
      samples[i] = known ? Json.parseObject(all.get(i), "a sample of rank 0") : null;
    }
  }

  /** Makes samples. */
  public interface Work {
    /** Makes some, in any order, and hands each over as soon as it is there. */
    void make(List<Integer> samples, Taker taker);
  }

  /** Takes a sample that this or another process has made. */
  public interface Taker {
    /**
     * Takes what came of a sample; those of a group come some at a time, each process's together.
     */
    void take(int sample, ObjectNode line);
  }

  /**
   * Has samples made.
   *
   * @param todo the same in each process
   * @param atOnce how many each makes side by side
   */
  public void run(List<Integer> todo, int atOnce, Work work, Taker taker) {
    if (!group.isGroup()) {
      work.make(todo, taker);
      return;
    }
    int block = atOnce * ROUNDS * group.size();
    for (int i = 0; i < todo.size(); i += block) {
      exchange(todo.subList(i, Math.min(todo.size(), i + block)), work, taker);
    }
  }

  private void exchange(List<Integer> some, Work work, Taker taker) {
    List<Integer> own = share(some, group.rank());
    Map<Integer, String> made = new HashMap<>();
    work.make(
        own,
        (sample, line) -> {
          made.put(sample, Json.compact(line));
          group.works();
        });
    String lines = own.stream().map(made::get).collect(Collectors.joining("\n"));
    List<byte[]> each = group.gather(lines.getBytes(UTF_8));
    for (int r = 0; r < each.size(); r++) {
      List<Integer> theirs = share(some, r);
      List<String> text = new String(each.get(r), UTF_8).lines().toList();
      for (int i = 0; i < theirs.size(); i++) {
        taker.take(theirs.get(i), Json.parseObject(text.get(i), "a sample of rank " + r));
      }
    }
  }

  private List<Integer> share(List<Integer> some, int rank) {
    List<Integer> share = new ArrayList<>();
    for (int i = rank; i < some.size(); i += group.size()) {
      share.add(some.get(i));
    }
    return share;
  }
}
