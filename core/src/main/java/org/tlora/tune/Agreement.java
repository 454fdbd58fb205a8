/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.tlora.collective.Collective;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;

/** Processes of one run work on the same: options, model, data. */
final class Agreement {
  private Agreement() {}

  /**
   * Compares what decides the run.
   *
   * @param own settings by name, of this process
   * @throws RunFault in every process, which names the first one that differs and what of it does
   */
  static void require(Collective all, Map<String, String> own) {
    if (!all.isGroup()) {
      return;
    }
    ObjectNode told = Json.object();
    own.forEach(told::put);
    List<byte[]> each = all.gather(Json.compact(told).getBytes(UTF_8));
    ObjectNode first = read(each.get(0));
    for (int r = 1; r < each.size(); r++) {
      ObjectNode other = read(each.get(r));
      if (!other.equals(first)) {
        throw new RunFault(
            "rank " + r + " has another run than rank 0: " + differences(first, other));
      }
    }
  }

  private static ObjectNode read(byte[] text) {
    return Json.parseObject(new String(text, UTF_8), "the settings of a process");
  }

  private static String differences(ObjectNode first, ObjectNode other) {
    TreeSet<String> names = new TreeSet<>();
    first.fieldNames().forEachRemaining(names::add);
    other.fieldNames().forEachRemaining(names::add);
    List<String> all = new ArrayList<>();
    for (String name : names) {
      String there = other.path(name).asText("not set");
      String here = first.path(name).asText("not set");
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
