/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.Map;
import java.util.TreeMap;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.method.PeftMethods;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Puts the options that methods declare on the command line. */
public final class MethodOptions {
  private MethodOptions() {}

  /** Adds every method's own options to a command. */
  public static void addTo(CommandSpec command) {
    for (PeftMethod method : PeftMethods.all()) {
      for (MethodOption<?> option : method.options()) {
        if (command.findOption("--" + option.name()) == null) {
          command.addOption(spec(method, option));
        }
      }
    }
  }

  private static OptionSpec spec(PeftMethod method, MethodOption<?> option) {
    OptionSpec.Builder builder = OptionSpec.builder("--" + option.name());
    String text = method.name() + ": " + option.description();
    return switch (option.kind()) {
      case FLAG -> builder.arity("0").type(Boolean.class).description(text).build();
      case CHOICE ->
          builder
              .arity("1")
              .type(String.class)
              .paramLabel(String.join("|", option.choices()))
              .description(text + " Default: " + option.defaultValue() + ".")
              .build();
      case WHOLE, COUNT, NUMBER, POSITIVE, SHARE ->
          builder
              .arity("1")
              .type(String.class)
              .paramLabel("N")
              .description(text + " Default: " + option.defaultValue() + ".")
              .build();
    };
  }

  /** The values that were given, by the options' names. */
  public static Map<String, String> given(CommandSpec command) {
    Map<String, String> values = new TreeMap<>();
    for (PeftMethod method : PeftMethods.all()) {
      for (MethodOption<?> option : method.options()) {
        Object value = command.findOption("--" + option.name()).getValue();
        if (value != null && !value.equals(false)) {
          values.put(option.name(), value.toString());
        }
      }
    }
    return values;
  }
}
