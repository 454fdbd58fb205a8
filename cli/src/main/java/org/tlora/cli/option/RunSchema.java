/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.tlora.NamedOptions;
import org.tlora.format.Json;
import org.tlora.model.weight.WeightForms;
import org.tlora.peft.MethodOption;
import org.tlora.peft.method.PeftMethods;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The JSON Schema (draft 2020-12) of files of options, made from the options themselves: names,
 * types, defaults and descriptions as the command line has them, and names that options take from
 * the registries of the library.
 */
public final class RunSchema {
  /** The name of the file beside a {@code run.yaml} that an editor looks it up in. */
  public static final String FILE = "run.schema.json";

  /** What a schema of this program begins with. */
  public static final String ID = "urn:tlora:options-of-";

  private static final Set<Class<?>> WHOLE =
      Set.of(int.class, Integer.class, long.class, Long.class);
  private static final Set<Class<?>> NUMBER = Set.of(double.class, Double.class);
  private static final Set<Class<?>> FLAG = Set.of(boolean.class, Boolean.class);
  private static final String NO_DEFAULT = "0"; // of methods, where giving it is something else

  private final Map<String, List<String>> choices = new HashMap<>(NamedOptions.choices());
  private final Map<String, MethodOption<?>> methods = new HashMap<>();

  private RunSchema() {
    choices.put("weights", WeightForms.names());
    PeftMethods.all().forEach(m -> m.options().forEach(o -> methods.putIfAbsent(o.name(), o)));
  }

  /** The schema of a command's file. */
  public static ObjectNode of(CommandSpec program, String command) {
    ObjectNode root = Json.object();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("$id", ID + command);
    root.put("title", "Options of tlora " + command);
    root.put("type", "object");
    root.put("additionalProperties", false);
    ObjectNode properties = root.putObject("properties");
    RunSchema schema = new RunSchema();
    RunYaml.options(program.subcommands().get(command).getCommandSpec())
        .forEach((name, option) -> properties.set(name, schema.of(name, option)));
    return root;
  }

  private ObjectNode of(String name, OptionSpec option) {
    ObjectNode schema = Json.object();
    schema.put("description", String.join(" ", option.description()));
    if (option.isMultiValue()) {
      // one of them may stand by itself
      types(schema, "array", "string", "number", "boolean");
      types(schema.putObject("items"), "string", "number", "boolean");
    } else if (choices.containsKey(name)) {
      ArrayNode values = schema.putArray("enum");
      choices.get(name).forEach(value -> add(values, option, value));
    } else if (methods.containsKey(name)) {
      own(schema, methods.get(name));
    } else {
      single(schema, option);
    }
    defaultOf(schema, name, option);
    return schema;
  }

  private static void single(ObjectNode schema, OptionSpec option) {
    Class<?> type = option.typeInfo().getType();
    if (WHOLE.contains(type)) {
      schema.put("type", "integer");
    } else if (Stream.of(option.converters()).anyMatch(RateOption.class::isInstance)) {
      types(schema, "number", "string");
      schema.put("pattern", "^" + RateOption.AUTO + "$");
    } else if (NUMBER.contains(type)) {
      schema.put("type", "number");
    } else if (FLAG.contains(type)) {
      schema.put("type", "boolean");
    } else if (type.equals(Path.class)) {
      schema.put("type", "string");
    } else {
      types(schema, "string", "number"); // such as 100 or 10m, or a field that is called 2024
    }
  }

  /** Values of a method's options may also be texts, as which a run keeps them. */
  private static void own(ObjectNode schema, MethodOption<?> option) {
    switch (option.kind()) {
      case FLAG -> {
        types(schema, "boolean", "string");
        schema.put("pattern", "^(true|false)$");
      }
      case CHOICE -> throw new IllegalStateException(option.name() + " is a choice");
      case WHOLE, COUNT -> {
        types(schema, "integer", "string");
        schema.put("minimum", 0).put("pattern", "^\\d+$");
      }
      case NUMBER, POSITIVE, SHARE -> {
        types(schema, "number", "string");
        schema.put(option.kind() == MethodOption.Kind.POSITIVE ? "exclusiveMinimum" : "minimum", 0);
        if (option.kind() == MethodOption.Kind.SHARE) {
          schema.put("exclusiveMaximum", 1);
        }
        schema.put("pattern", "^[0-9.]+([eE][+-]?[0-9]+)?$");
      }
    }
  }

  private static void types(ObjectNode schema, String... types) {
    ArrayNode all = schema.putArray("type");
    for (String type : types) {
      all.add(type);
    }
  }

  private void defaultOf(ObjectNode schema, String name, OptionSpec option) {
    MethodOption<?> own = methods.get(name);
    String value = own != null ? own.defaultValue() : option.defaultValue();
    if (FLAG.contains(option.typeInfo().getType())) {
      schema.put("default", Boolean.parseBoolean(value));
    } else if (value == null || (own != null && value.equals(NO_DEFAULT))) {
      return;
    } else if (option.isMultiValue()) {
      schema.putArray("default").add(value);
    } else {
      ArrayNode one = Json.object().putArray("default");
      if (own != null && own.kind() != MethodOption.Kind.CHOICE) {
        one.add(Json.parse(value, name));
      } else {
        add(one, option, value);
      }
      schema.set("default", one.get(0));
    }
  }

  /** A value as the file has it: a number where the option is one. */
  private static void add(ArrayNode values, OptionSpec option, String value) {
    Class<?> type = option.typeInfo().getType();
    if (WHOLE.contains(type)) {
      values.add(Long.parseLong(value));
    } else if (NUMBER.contains(type)) {
      values.add(Double.parseDouble(value));
    } else {
      values.add(value);
    }
  }
}
