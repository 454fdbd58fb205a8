/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Model.CommandSpec;

/** Set-ups that come with the program. A new one is a file {@code NAME.yaml} and its name here. */
public final class Recipes {
  /** The option that names one. */
  public static final String OPTION = "--recipe";

  private static final List<String> NAMES =
      List.of(
          "math",
          "code",
          "chat",
          "commonsense",
          "glue",
          "math-small",
          "code-small",
          "chat-small",
          "commonsense-small");

  private Recipes() {}

  /** The names of all. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * A recipe as it is in its file, with comments that say where its numbers come from.
   *
   * @throws UsageFault if there is none of that name; the message lists those that are
   */
  public static String text(String name) {
    if (!NAMES.contains(name)) {
      throw new UsageFault(
          "the recipe "
              + name
              + " is not known; known are "
              + String.join(", ", NAMES)
              + Nearest.question(name, NAMES));
    }
    try (InputStream in =
        Recipes.class.getResourceAsStream("/org/tlora/cli/recipes/" + name + ".yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What one is for: the first line of its file. */
  public static String summary(String name) {
    return text(name).lines().findFirst().orElseThrow().replaceFirst("^# ", "");
  }

  /**
   * The options that a recipe gives a command; those of the others, such as a method, it leaves.
   */
  public static RunYaml of(String name, CommandSpec command) {
    String file = "the recipe " + name;
    Map<String, List<String>> values = new LinkedHashMap<>(OptionFile.read(file, text(name)));
    values.keySet().retainAll(RunYaml.options(command).keySet());
    return RunYaml.of(file, values, command);
  }
}
