/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.tlora.format.Json;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The text of a {@code run.yaml} to begin with: the options that people look at first, each behind
 * what it is for, as the command line's help says it; some of them behind a #.
 */
public final class StartFile {
  /** The key that says how the model is trained. */
  public static final String METHOD = "method";

  /** Those that run fewer rows at once and keep less of them. */
  public static final List<Map.Entry<String, String>> SHORT_OF_MEMORY =
      List.of(Map.entry("micro-batch-size", "1"), Map.entry("gradient-checkpointing", "true"));

  private static final int WIDTH = 98;
  private static final Pattern DEFAULT = Pattern.compile("\\s*\\(?[Dd]efault: [^()]*\\)?\\.?$");

  private static final List<String> FIRST =
      List.of(
          "model",
          "data",
          "template",
          "output",
          METHOD,
          "rank",
          "target-modules",
          "epochs",
          "batch-size",
          "learning-rate",
          "schedule",
          "warmup-ratio",
          "seed");

  /** Shown behind a #, with a value that changes something. */
  private static final List<Map.Entry<String, String>> OFFERED =
      List.of(
          Map.entry("validation-share", "0.1"),
          Map.entry("steps", "100"),
          Map.entry("cutoff-length", "1024"),
          Map.entry("calibration-samples", "64"),
          Map.entry("micro-batch-size", "1"),
          Map.entry("gradient-checkpointing", "true"),
          Map.entry("quantize", "nf4"));

  private final Map<String, OptionSpec> options;
  private final StringBuilder text = new StringBuilder();

  private StartFile(Map<String, OptionSpec> options) {
    this.options = options;
  }

  /**
   * The text.
   *
   * @param train whose options the file has
   * @param file its name
   * @param answers values, of lists the items; what they leave out is usual
   */
  public static String text(CommandSpec train, String file, Map<String, List<String>> answers) {
    StartFile start = new StartFile(RunYaml.options(train));
    start.head(file);
    Set<String> idle = idle(PeftMethods.named(answers.get(METHOD).get(0)));
    for (String name : FIRST) {
      if (idle.contains(name)) {
        continue;
      }
      start.option(name, answers.containsKey(name) ? answers.get(name) : start.usual(name), "");
    }
    answers.forEach(
        (name, values) -> {
          if (!FIRST.contains(name)) {
            start.option(name, values, "");
          }
        });
    start.text.append("\n# More, which do something once the # before them is gone:\n");
    for (Map.Entry<String, String> offered : OFFERED) {
      String name = offered.getKey();
      if (!idle.contains(name) && !answers.containsKey(name)) {
        start.option(name, List.of(offered.getValue()), "# ");
      }
    }
    return start.text.toString();
  }

  /** What would do nothing with a method, or does not go with it. */
  private static Set<String> idle(PeftMethod method) {
    Set<String> names = new HashSet<>();
    if (method.trainsBase()) {
      names.addAll(List.of("rank", "target-modules", "quantize"));
    }
    if (method.needs(new PeftOptions(PeftOptions.DEFAULT_RANK, Double.NaN, 0)).isEmpty()) {
      names.add("calibration-samples");
    }
    return names;
  }

  private void head(String file) {
    text.append("# yaml-language-server: $schema=").append(RunSchema.FILE).append('\n');
    text.append("#\n# tlora train --config ").append(file).append('\n');
    text.append("#\n");
    comment(
        "Every option of tlora train may stand here by its name without dashes; tlora train --help"
            + " lists them all. The command line comes before this file, and so does the"
            + " environment, where TLORA_LEARNING_RATE is learning-rate.");
  }

  private List<String> usual(String name) {
    String value = options.get(name).defaultValue();
    return List.of(name.equals("rank") ? "" + PeftOptions.DEFAULT_RANK : value);
  }

  private void option(String name, List<String> values, String before) {
    OptionSpec option = options.get(name);
    text.append('\n');
    String what = DEFAULT.matcher(String.join(" ", option.description())).replaceFirst("");
    comment(what.endsWith(".") ? what : what + ".");
    text.append(before).append(name).append(": ");
    Class<?> type = option.typeInfo().getType();
    if (values.size() > 1) {
      text.append("[" + String.join(", ", values.stream().map(Json::quoted).toList()) + "]");
    } else if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      text.append(values.get(0));
    } else {
      text.append(Json.quoted(values.get(0)));
    }
    text.append('\n');
  }

  private void comment(String sentence) {
    StringBuilder line = new StringBuilder("#");
    for (String word : sentence.split("\\s+")) {
      if (line.length() + 1 + word.length() > WIDTH) {
        text.append(line).append('\n');
        line = new StringBuilder("#");
      }
      line.append(' ').append(word);
    }
    text.append(line).append('\n');
  }
}
