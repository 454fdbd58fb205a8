/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.RowFields;
import org.tlora.evaluate.task.Choices;
import org.tlora.evaluate.task.Grader;
import org.tlora.evaluate.task.TextTask;
import org.tlora.fault.InputFault;
import org.tlora.generate.StopWords;

/**
 * A task of text that stands in a file, see {@link TaskFile}.
 *
 * @param reference where task and grading come from
 * @param template the prompt, with {@code {field}} for fields of a row, or {@code {1}}, {@code {2}}
 *     for what {@code parts} finds
 * @param parts finds parts of a field, or null
 * @param grading how answers are graded; see {@link Graders}
 * @param categoryField the field by which scores are also given, or null
 * @param options the texts to choose from by their likelihood, or null where there are none
 * @param range the rows that belong to the task, or null: all
 */
record FileTask(
    String name,
    String reference,
    String template,
    Parts parts,
    StopWords stopWords,
    int maxNewTokens,
    Graders.Grading grading,
    String categoryField,
    Options options,
    Range range)
    implements TextTask {
  /** Stands in a sample's prompt where each choice was. */
  private static final String BLANK = "_";

  private static final String CHOICE = "choice";
  private static final Pattern PLACE = Pattern.compile("\\{([A-Za-z0-9_.]+)\\}");

  /**
   * Parts of a field's text.
   *
   * @param field that is looked at
   * @param pattern whose groups are the parts
   */
  record Parts(String field, Pattern pattern) {
    Matcher of(RowFields row) {
      Matcher m = pattern.matcher(text(row, field));
      if (!m.find()) {
        throw new InputFault(
            row.where() + ": field '" + field + "' does not look as the task expects");
      }
      return m;
    }
  }

  /**
   * Texts to choose from.
   *
   * @param prompt what comes before each, like that of the task
   * @param fixed the texts themselves; none where a pattern finds them
   * @param field in which the pattern looks
   * @param pattern each find's first group is a choice
   * @param gold the field that says which is right: its last digits are the number from 1, or it is
   *     one of {@code names}
   * @param names of the fixed texts in the gold field
   * @param ending what is scored where the choices stand in the prompt, at {@code {choice}}
   *     (partial evaluation, Trinh and Le, arXiv 1806.02847); null: the choices are scored
   */
  record Options(
      String prompt,
      List<String> fixed,
      String field,
      Pattern pattern,
      String gold,
      List<String> names,
      String ending) {
    private static final Pattern NUMBER = Pattern.compile("(\\d+)\\D*$");

    /** The texts of a row. */
    private List<String> of(RowFields row) {
      if (!fixed.isEmpty()) {
        return fixed;
      }
      List<String> found =
          pattern.matcher(text(row, field)).results().map(m -> " " + m.group(1).strip()).toList();
      if (found.size() < 2) {
        throw new InputFault(row.where() + ": field '" + field + "' holds no choices");
      }
      return found;
    }

    private String version() {
      return String.join("\n", prompt, "" + fixed, field, "" + pattern, gold, "" + names, ending);
    }

    /** The number of the right one, from 0. */
    private int right(RowFields row) {
      String said = text(row, gold);
      int index = names.indexOf(said);
      Matcher m = NUMBER.matcher(said);
      if (index < 0 && m.find()) {
        index = Integer.parseInt(m.group(1)) - 1;
      }
      if (index < 0 || index >= of(row).size()) {
        throw new InputFault(row.where() + ": field '" + gold + "' names no choice: " + said);
      }
      return index;
    }
  }

  /** Rows in whose field a number from {@code from} to {@code to} stands. */
  record Range(String field, long from, long to) {}

  @Override
  public String prompt(RowFields row) {
    return filled(template, row, null);
  }

  @Override
  public List<String> stop() {
    return stopWords.words();
  }

  @Override
  public Grader grader() {
    return Graders.of(grading);
  }

  @Override
  public String metric() {
    return grading.metric();
  }

  @Override
  public boolean has(RowFields row) {
    if (range == null) {
      return true;
    }
    long number = number(row.value(range.field()));
    return number >= range.from() && number <= range.to();
  }

  /** A whole number, or one in a text; else one that no range holds. */
  private static long number(Object value) {
    try {
      return value == null ? Long.MIN_VALUE : new BigDecimal(value.toString().strip()).longValue();
    } catch (NumberFormatException e) {
      return Long.MIN_VALUE;
    }
  }

  @Override
  public Optional<String> category(RowFields row) {
    return Optional.ofNullable(categoryField).map(field -> row.has(field) ? text(row, field) : "");
  }

  @Override
  public boolean hasChoices() {
    return options != null;
  }

  @Override
  public Choices choices(RowFields row) {
    String ending = options.ending() == null ? null : filled(options.ending(), row, null);
    List<Choices.Choice> all =
        options.of(row).stream()
            .map(
                text ->
                    new Choices.Choice(
                        text,
                        filled(options.prompt(), row, ending == null ? null : text.strip()),
                        ending == null ? text : ending))
            .toList();
    String shown = filled(options.prompt(), row, ending == null ? null : BLANK);
    return new Choices(shown, ending, all, options.right(row));
  }

  /** A user's file may say something else under the same name. */
  @Override
  public String version() {
    return String.join(
        "\n",
        grading.kind(),
        "" + new TreeMap<>(grading.settings()),
        categoryField,
        options == null ? "" : options.version(),
        "" + range);
  }

  /**
   * A text with a row's fields in their places. What is filled in stays as it is: it may have
   * braces of its own.
   *
   * @param choice what stands for {@code {choice}}, or null
   */
  private String filled(String template, RowFields row, String choice) {
    Matcher found = parts == null ? null : parts.of(row);
    return PLACE
        .matcher(template)
        .replaceAll(
            m -> {
              String place = m.group(1);
              if (choice != null && place.equals(CHOICE)) {
                return Matcher.quoteReplacement(choice);
              }
              boolean part = found != null && place.matches("\\d(\\.exact)?");
              return Matcher.quoteReplacement(part ? part(found, place) : text(row, place));
            });
  }

  /** A group without the blanks around it, or {@code 1.exact}: with them. */
  private static String part(Matcher found, String place) {
    String group = found.group(place.charAt(0) - '0');
    return place.length() == 1 ? group.strip() : group;
  }

  /** A field, or an element of a list: {@code list.0}. */
  private static String text(RowFields row, String field) {
    if (row.names().contains(field)) {
      return row.text(field);
    }
    String[] steps = field.split("\\.", -1);
    Object value = row.value(steps[0]);
    for (int i = 1; i < steps.length; i++) {
      value = inside(value, steps[i]);
    }
    if (!isScalar(value)) {
      throw new InputFault(row.where() + ": field '" + field + "' is missing");
    }
    return value.toString();
  }

  private static boolean isScalar(Object value) {
    return value != null && !(value instanceof List) && !(value instanceof Map);
  }

  private static Object inside(Object value, String step) {
    if (value instanceof Map<?, ?> fields) {
      return fields.get(step);
    }
    boolean index = value instanceof List && step.matches("\\d{1,9}");
    List<?> list = index ? (List<?>) value : List.of();
    int at = index ? Integer.parseInt(step) : 0;
    return at < list.size() ? list.get(at) : null;
  }
}
