/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.tlora.fault.UsageFault;
import org.tlora.generate.StopWords;
import org.tlora.text.PromptTemplate;

/**
 * A task as it is written down in YAML; {@code docs/tasks.md} says what each key means.
 *
 * @param examples answered ones that come before the question, already written out
 */
record TaskFile(
    String name,
    String reference,
    String template,
    String prompt,
    String examples,
    Parts parts,
    List<String> stop,
    @JsonProperty("max-new-tokens") int maxNewTokens,
    Map<String, String> grader,
    String category,
    Choices choices,
    Rows rows) {
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** See {@link FileTask.Parts}. */
  record Parts(String field, String pattern) {}

  /** See {@link FileTask.Range}. */
  record Rows(String field, long from, long to) {}

  /** See {@link FileTask.Options}. */
  record Choices(
      String prompt,
      List<String> fixed,
      String field,
      String pattern,
      String gold,
      List<String> names,
      String ending) {}

  /**
   * Reads a task.
   *
   * @param where names the file in messages
   * @throws UsageFault if it is not a task
   */
  static FileTask read(String yaml, String where) {
    try {
      TaskFile file = YAML.readValue(yaml, TaskFile.class);
      if (file == null) {
        throw new UsageFault("there is nothing in it");
      }
      return file.task();
    } catch (JsonProcessingException e) {
      throw new UsageFault("task file " + where + ": " + e.getOriginalMessage(), e);
    } catch (UsageFault e) {
      throw new UsageFault("task file " + where + ": " + e.getMessage(), e);
    }
  }

  private FileTask task() {
    require(name, "name");
    require(prompt, "prompt");
    require(grader, "grader");
    if (maxNewTokens < 1) {
      throw new UsageFault("max-new-tokens must be at least 1");
    }
    Map<String, String> settings = new TreeMap<>(grader);
    String kind = settings.remove("kind");
    require(kind, "grader: kind");
    settings.forEach((key, value) -> require(value, "grader: " + key));
    if (parts != null) {
      require(parts.field(), "parts: field");
      require(parts.pattern(), "parts: pattern");
    }
    if (rows != null) {
      require(rows.field(), "rows: field");
    }
    PromptTemplate around =
        template == null ? PromptTemplate.PLAIN : PromptTemplate.named(template);
    String before = examples == null ? "" : examples;
    return new FileTask(
        name,
        Objects.requireNonNullElse(reference, ""),
        before + around.promptFor(prompt.stripTrailing()),
        parts == null ? null : new FileTask.Parts(parts.field(), Graders.pattern(parts.pattern())),
        stop == null ? StopWords.NONE : new StopWords(whole(stop, "stop")),
        maxNewTokens,
        new Graders.Grading(kind, settings),
        category,
        choices == null ? null : chosen(),
        rows == null ? null : new FileTask.Range(rows.field(), rows.from(), rows.to()));
  }

  private FileTask.Options chosen() {
    require(choices.prompt(), "choices: prompt");
    require(choices.gold(), "choices: gold");
    boolean fixed = choices.fixed() != null;
    if (!fixed) {
      require(choices.field(), "choices: field");
      require(choices.pattern(), "choices: pattern");
    }
    return new FileTask.Options(
        choices.prompt().stripTrailing(),
        fixed ? whole(choices.fixed(), "choices: fixed") : List.of(),
        choices.field(),
        fixed ? null : Graders.pattern(choices.pattern()),
        choices.gold(),
        choices.names() == null ? List.of() : whole(choices.names(), "choices: names"),
        choices.ending());
  }

  private static List<String> whole(List<String> list, String key) {
    list.forEach(item -> require(item, "an item of " + key));
    return List.copyOf(list);
  }

  private static void require(Object value, String key) {
    if (value == null) {
      throw new UsageFault(key + " is missing");
    }
  }
}
