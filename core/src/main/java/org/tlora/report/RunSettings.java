/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlora.card.HubPlace;
import org.tlora.fault.InputFault;
import org.tlora.format.Yaml;

/**
 * The options of a run, as its {@code run.yaml} has them. Where files lie on this machine is left
 * out: a page is for others too.
 *
 * @param chosen what is not as usual
 * @param usual the others
 */
record RunSettings(List<Report.Figure> chosen, List<Report.Figure> usual) {
  /** Options that say what a run is, whatever their value. */
  private static final Set<String> ALWAYS =
      Set.of("model", "data", "method", "template", "rank", "learning-rate", "batch-size", "seed");

  /** Options of the command that have no effect on what is trained. */
  private static final Set<String> MACHINE =
      Set.of(
          "offline",
          "device",
          "threads",
          "weights",
          "group-address",
          "group-timeout",
          "join-timeout",
          "output");

  /**
   * Those of a run's directory; none where it has no such file, or one that is damaged.
   *
   * @param usual the value that an option has where it is not given, by the options' names; one
   *     that is not among them is in the file where somebody has given it
   */
  static RunSettings read(Path output, Map<String, String> usual) {
    Path file = output.resolve("run.yaml");
    List<Report.Figure> chosen = new ArrayList<>();
    List<Report.Figure> others = new ArrayList<>();
    if (Files.isRegularFile(file)) {
      try {
        Yaml.parse(Files.readString(file), file.toString())
            .properties()
            .forEach(
                e -> {
                  String name = e.getKey();
                  boolean asUsual = text(e.getValue()).equals(usual.get(name));
                  boolean folded = MACHINE.contains(name) || (asUsual && !ALWAYS.contains(name));
                  (folded ? others : chosen).add(new Report.Figure(name, shown(e.getValue())));
                });
      } catch (IOException | InputFault e) {
        return new RunSettings(List.of(), List.of()); // the page is no part of the result
      }
    }
    return new RunSettings(chosen, others);
  }

  private static String text(JsonNode value) {
    return value.isArray()
        ? items(value).stream().map(JsonNode::asText).collect(Collectors.joining(", "))
        : value.asText();
  }

  private static String shown(JsonNode value) {
    return value.isArray()
        ? items(value).stream().map(v -> named(v.asText())).collect(Collectors.joining(", "))
        : named(value.asText());
  }

  private static List<JsonNode> items(JsonNode array) {
    List<JsonNode> all = new ArrayList<>();
    array.forEach(all::add);
    return all;
  }

  /** A path that is absolute by its last name, or by its place on the hub. */
  private static String named(String value) {
    try {
      Path path = Path.of(value);
      return path.isAbsolute() && path.getFileName() != null
          ? HubPlace.of(path).map(HubPlace::id).orElse(path.getFileName().toString())
          : value;
    } catch (InvalidPathException e) {
      return value;
    }
  }
}
