/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * {@code run.yaml}: every option of a command under its name. Read, it gives the options' defaults,
 * so that the command line wins; written, it holds what the run resolved to.
 */
public final class RunYaml implements CommandLine.IDefaultValueProvider {
  /** Its name in the output of a run. */
  public static final String FILE = "run.yaml";

  /** Joins the items of a list whose items may hold commas: no file name has this character. */
  public static final String SEPARATOR = "\u001f";

  private static final Set<String> NOT_KEPT =
      Set.of(
          "config",
          "recipe",
          "debug",
          "help",
          "version",
          "resume",
          "resume-anyway",
          "log-format",
          "until-input-ends",
          "stop-after");
  private static final YAMLMapper YAML =
      YAMLMapper.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER).build();

  private final Map<String, String> values;

  private RunYaml(Map<String, String> values) {
    this.values = values;
  }

  /** The options that a file may have, by its keys. */
  static Map<String, OptionSpec> options(CommandSpec command) {
    Map<String, OptionSpec> known = new TreeMap<>();
    command.options().forEach(o -> known.put(key(o), o));
    known.keySet().removeAll(NOT_KEPT);
    return known;
  }

  /**
   * Reads a file for a command.
   *
   * @throws UsageFault if it cannot be read, has a key that is no option, or several values for an
   *     option that takes one
   */
  public static RunYaml read(Path file, CommandSpec command) {
    return of(file.toString(), OptionFile.read(file), command);
  }

  /**
   * The same of a file that was read.
   *
   * @param file what faults call it
   */
  static RunYaml of(String file, Map<String, List<String>> read, CommandSpec command) {
    Map<String, OptionSpec> known = options(command);
    Map<String, String> values = new HashMap<>();
    read.forEach(
        (name, items) -> {
          OptionSpec option = known.get(name);
          if (option == null) {
            throw new UsageFault(file + ": '" + name + "' is no option" + meant(name, known));
          }
          if (items.size() > 1 && !option.isMultiValue()) {
            throw new UsageFault(file + ": '" + name + "' takes one value, not a list");
          }
          values.put(name, joined(file, option, items));
        });
    return new RunYaml(values);
  }

  private static String meant(String name, Map<String, OptionSpec> known) {
    if (NOT_KEPT.contains(name)) {
      return " of a file: it is for the command line";
    }
    String question = Nearest.question(name, known.keySet());
    return question.isEmpty() ? "; options are " + String.join(", ", known.keySet()) : question;
  }

  /** As on the command line, where the items of a list stand between separators. */
  private static String joined(String file, OptionSpec option, List<String> items) {
    String separator = option.splitRegex();
    boolean parted =
        items.size() > 1
            && !separator.isEmpty()
            && items.stream().anyMatch(i -> i.contains(separator));
    if (parted) {
      throw new UsageFault(
          file + ": '" + key(option) + "': an item of a list must not hold '" + separator + "'");
    }
    return String.join(separator, items);
  }

  @Override
  public String defaultValue(ArgSpec argument) {
    return argument instanceof OptionSpec option ? values.get(key(option)) : null;
  }

  /** The options as they were resolved. */
  public static String text(CommandSpec command) {
    ObjectNode root = Json.object();
    for (OptionSpec option : command.options()) {
      Object value = option.getValue();
      boolean empty = value instanceof Collection<?> all && all.isEmpty();
      if (value == null || empty || NOT_KEPT.contains(key(option))) {
        continue;
      }
      if (value instanceof Boolean b) {
        root.put(key(option), b);
      } else if (value instanceof Integer || value instanceof Long) {
        root.put(key(option), ((Number) value).longValue());
      } else if (value instanceof Double d && d.isNaN()) { // which no other option's value is
        root.put(key(option), RateOption.AUTO);
      } else if (value instanceof Double d) {
        root.put(key(option), d);
      } else if (value instanceof Collection<?> many) {
        var array = root.putArray(key(option));
        many.forEach(item -> array.add(item.toString()));
      } else if (value.getClass().isArray()) {
        var array = root.putArray(key(option));
        for (int i = 0; i < Array.getLength(value); i++) {
          array.add(Array.get(value, i).toString());
        }
      } else {
        root.put(key(option), value.toString());
      }
    }
    try {
      return YAML.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An option's name in files: that of the command line without dashes before it. */
  static String key(OptionSpec option) {
    return option.longestName().substring(2);
  }
}
