/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tlora.engine.WeightStore;

/** Tensors of files, one by one and by their types. */
final class TensorList {
  private TensorList() {}

  /** Every tensor with its shape. */
  static void into(Facts facts, WeightStore tensors) {
    ObjectNode list = facts.json().putObject("tensor_list");
    for (String name : tensors.names()) {
      var array = list.putArray(name);
      Arrays.stream(tensors.shape(name)).forEach(array::add);
    }
    facts.line("all tensors", Words.count(tensors.names().size()));
    for (String name : tensors.names()) {
      String type = tensors.stored(name).map(WeightStore.Stored::type).orElse("?");
      facts.inner(name, type + " " + Arrays.toString(tensors.shape(name)));
    }
  }

  /** How many bytes of which type. */
  static void types(Facts facts, WeightStore tensors) {
    Map<String, Long> bytes = new TreeMap<>();
    for (String name : tensors.names()) {
      tensors.stored(name).ifPresent(s -> bytes.merge(s.type(), s.bytes(), Long::sum));
    }
    bytes(facts, bytes);
  }

  /** The same of a sum that is known. */
  static void bytes(Facts facts, Map<String, Long> byType) {
    long all = byType.values().stream().mapToLong(Long::longValue).sum();
    facts.json().put("bytes", all);
    ObjectNode types = facts.json().putObject("bytes_by_type");
    byType.forEach(types::put);
    String each =
        byType.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .map(e -> e.getKey() + " " + Words.bytes(e.getValue()))
            .collect(Collectors.joining(", "));
    facts.line(
        "bytes",
        Words.bytes(all)
            + (byType.size() == 1 ? " of " + byType.keySet().iterator().next() : ": " + each));
  }

  /** Numbers of all tensors. */
  static long parameters(WeightStore tensors) {
    return tensors.names().stream()
        .mapToLong(n -> Arrays.stream(tensors.shape(n)).reduce(1, (a, b) -> a * b))
        .sum();
  }
}
