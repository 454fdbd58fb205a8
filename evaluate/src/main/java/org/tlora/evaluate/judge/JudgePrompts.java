/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate.judge;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;
import org.tlora.text.chat.Message;

/** The judge's prompts, from the published file. */
public final class JudgePrompts {
  private static final Pattern PLACE = Pattern.compile("\\{([a-z_0-9]+)\\}");

  private record Prompt(String system, String template) {}

  private final Map<String, Prompt> byName = new LinkedHashMap<>();

  private JudgePrompts() {}

  /**
   * Reads rows with {@code name}, {@code system_prompt} and {@code prompt_template}.
   *
   * @throws InputFault if one is needed and not there
   */
  public static JudgePrompts of(List<Row> rows) {
    JudgePrompts prompts = new JudgePrompts();
    for (Row row : rows) {
      prompts.byName.put(
          row.fields().path("name").asText(),
          new Prompt(
              row.fields().path("system_prompt").asText(),
              row.fields().path("prompt_template").asText()));
    }
    return prompts;
  }

  /** What the judge is asked, with a text in each place of the prompt. */
  List<Message> filled(String name, Map<String, String> texts) {
    Prompt prompt = byName.get(name);
    if (prompt == null) {
      throw new InputFault("the judge's prompts have none that is called " + name);
    }
    String text =
        PLACE
            .matcher(prompt.template())
            .replaceAll(
                m -> {
                  String value = texts.get(m.group(1));
                  if (value == null) {
                    throw new InputFault(
                        "judge prompt " + name + ": nothing belongs in place {" + m.group(1) + "}");
                  }
                  return Matcher.quoteReplacement(value);
                });
    return List.of(Message.of("system", prompt.system()), Message.of("user", text));
  }
}
