/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/** Processes of one group work on the same: options, model, data. */
public final class Agreement {
  private Agreement() {}

  /**
   * Compares what decides the run.
   *
   * @param own settings by name, of this process
   * @throws RunFault in every process, which names the first one that differs and what of it does
   */
  public static void require(Collective all, Map<String, String> own) {
    if (!all.isGroup()) {
      return;
    }
    List<Map<String, String>> each = told(all, own);
    for (int r = 1; r < each.size(); r++) {
      if (!each.get(r).equals(each.get(0))) {
        throw new RunFault(
            "rank " + r + " has another run than rank 0: " + differences(each.get(0), each.get(r)));
      }
    }
  }

  /** What each process says, by name, in the order of their ranks. */
  public static List<Map<String, String>> told(Collective all, Map<String, String> own) {
    String text = Json.compact(Json.object(own));
    List<Map<String, String>> each = new ArrayList<>();
    for (byte[] bytes : all.gather(text.getBytes(UTF_8))) {
      Map<String, String> said = new LinkedHashMap<>();
      Json.parseObject(new String(bytes, UTF_8), "what a process says")
          .properties()
          .forEach(e -> said.put(e.getKey(), e.getValue().asText()));
      each.add(said);
    }
    return each;
  }

  private static String differences(Map<String, String> first, Map<String, String> other) {
    TreeSet<String> names = new TreeSet<>(first.keySet());
    names.addAll(other.keySet());
    List<String> all = new ArrayList<>();
    for (String name : names) {
      String there = other.getOrDefault(name, "not set");
      String here = first.getOrDefault(name, "not set");
      if (!there.equals(here)) {
        all.add(difference(name, here, there));
      }
    }
    return String.join("; ", all);
  }

  /** Of records, which list their parts in brackets, only those parts that differ. */
  private static String difference(String name, String here, String there) {
    String[] first = parts(here);
    String[] other = parts(there);
    List<String> all = new ArrayList<>();
    for (int i = 0; i < first.length && first.length == other.length; i++) {
      if (!first[i].equals(other[i])) {
        all.add(other[i].replaceFirst("=", " is ") + ", not " + first[i].replaceFirst(".*?=", ""));
      }
    }
    boolean ofRecords = first.length > 1 && !all.isEmpty();
    return name + (ofRecords ? ": " + String.join(", ", all) : " is " + there + ", not " + here);
  }

  private static String[] parts(String text) {
    int open = text.indexOf('[');
    return open < 0 ? new String[0] : text.substring(open + 1, text.length() - 1).split(", ");
  }
}
