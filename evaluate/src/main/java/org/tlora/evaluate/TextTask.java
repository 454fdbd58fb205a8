/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;
import org.tlora.generate.StopWords;

/**
 * Something that a decoder is scored on by what it writes, or by which of several texts it finds
 * most likely. What it is stands in a file, see {@link TaskFile}.
 *
 * @param reference where task and grading come from
 * @param prompt with {@code {field}} for fields of a row, or {@code {1}}, {@code {2}} for what
 *     {@code parts} finds
 * @param parts finds parts of a field, or null
 * @param grading how answers are graded; see {@link Graders}
 * @param category the field by which scores are also given, or null
 * @param choices the texts to choose from by their likelihood, or null where there are none
 * @param range the rows that belong to the task, or null: all
 */
public record TextTask(
    String name,
    String reference,
    String prompt,
    Parts parts,
    StopWords stopWords,
    int maxNewTokens,
    Graders.Grading grading,
    String category,
    Choices choices,
    Range range)
    implements Task {
  private static final Pattern PLACE = Pattern.compile("\\{([A-Za-z0-9_.]+)\\}");

  /**
   * Parts of a field's text.
   *
   * @param field that is looked at
   * @param pattern whose groups are the parts
   */
  public record Parts(String field, Pattern pattern) {
    Matcher of(Row row) {
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
   * @param prompt what comes before each, like {@link TextTask#prompt}
   * @param fixed the texts themselves; none where a pattern finds them
   * @param field in which the pattern looks
   * @param pattern each find's first group is a choice
   * @param gold the field that says which is right: its last digits are the number from 1, or it is
   *     one of {@code names}
   * @param names of the fixed texts in the gold field
   * @param ending what is scored where the choices stand in the prompt, at {@code {choice}}
   *     (partial evaluation, Trinh and Le, arXiv 1806.02847); null: the choices are scored
   */
  public record Choices(
      String prompt,
      List<String> fixed,
      String field,
      Pattern pattern,
      String gold,
      List<String> names,
      String ending) {
    private static final String CHOICE = "{choice}";
    private static final Pattern NUMBER = Pattern.compile("(\\d+)\\D*$");

    /** The texts of a row. */
    List<String> of(Row row) {
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

    /** What comes before {@link #scored}, with a choice in its place. */
    String promptWith(String choice) {
      return ending == null ? prompt : prompt.replace(CHOICE, choice.strip());
    }

    /** The text whose likelihood stands for a choice. */
    String scored(String choice) {
      return ending == null ? choice : ending;
    }

    /** The number of the right one, from 0. */
    int right(Row row) {
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
  public record Range(String field, long from, long to) {}

  @Override
  public List<Row> of(List<Row> rows) {
    if (range == null) {
      return rows;
    }
    return rows.stream()
        .filter(
            row -> {
              long number = row.fields().path(range.field()).asLong(Long.MIN_VALUE);
              return number >= range.from() && number <= range.to();
            })
        .toList();
  }

  @Override
  public String metric() {
    return grading.metric();
  }

  /** What the model sees of a row. */
  String promptOf(Row row) {
    return filled(prompt, row);
  }

  /** A text with a row's fields in their places. */
  String filled(String template, Row row) {
    Matcher found = parts == null ? null : parts.of(row);
    return PLACE
        .matcher(template)
        .replaceAll(
            m -> {
              String place = m.group(1);
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
  private static String text(Row row, String field) {
    var value =
        row.fields().has(field)
            ? row.fields().path(field)
            : row.fields().at("/" + field.replace('.', '/'));
    if (!value.isValueNode() || value.isNull()) {
      throw new InputFault(row.where() + ": field '" + field + "' is missing");
    }
    return value.asText();
  }
}
