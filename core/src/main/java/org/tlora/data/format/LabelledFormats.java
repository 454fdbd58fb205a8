/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;

/**
 * The formats of rows with a label that are known, by their fields; those of pairs come first,
 * because a row of a pair may also have the fields of a single text. A new one is an entry here.
 */
public final class LabelledFormats {
  private static final String AUTO = "auto";

  private static final List<LabelledFormat> KNOWN =
      List.of(
          new LabelledFormat("sentence-pair", "sentence1", "sentence2", "label"),
          new LabelledFormat("similarity", "sentence1", "sentence2", "score"),
          new LabelledFormat("premise-hypothesis", "premise", "hypothesis", "label"),
          new LabelledFormat("question-pair", "question1", "question2", "label"),
          new LabelledFormat("duplicate-questions", "question1", "question2", "is_duplicate"),
          new LabelledFormat("question-sentence", "question", "sentence", "label"),
          new LabelledFormat("paraphrase", "#1 String", "#2 String", "Quality"),
          new LabelledFormat("sentence", "sentence", null, "label"),
          new LabelledFormat("text-label", "text", null, "label"));

  private LabelledFormats() {}

  /** The names that {@code format} takes for encoders. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(List.of(AUTO));
    KNOWN.forEach(f -> names.add(f.name()));
    return names;
  }

  static Set<String> fieldNames() {
    Set<String> names = new HashSet<>();
    KNOWN.forEach(f -> names.addAll(Arrays.asList(f.first(), f.second(), f.label())));
    return names;
  }

  /**
   * Chooses a format.
   *
   * @param name one of {@link #names()}; {@code auto} goes by the fields of {@code first}
   * @param fields override the format's own
   * @throws UsageFault if there is no such format
   * @throws InputFault if the fields of the row fit none
   */
  public static ExampleFormat choose(String name, Fields fields, Row first) {
    if (fields.text() != null && fields.label() != null) {
      return new LabelledFormat("fields", fields.text(), fields.pair(), fields.label());
    }
    LabelledFormat base = name.equals(AUTO) ? recognised(first, fields) : named(name);
    return new LabelledFormat(
        base.name(),
        fields.text() == null ? base.first() : fields.text(),
        fields.pair() == null ? base.second() : fields.pair(),
        fields.label() == null ? base.label() : fields.label());
  }

  private static LabelledFormat named(String name) {
    return KNOWN.stream()
        .filter(f -> f.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`format` "
                        + name
                        + " is none of an encoder's; those are "
                        + String.join(", ", names())
                        + Nearest.question(name, names())));
  }

  private static LabelledFormat recognised(Row first, Fields fields) {
    return KNOWN.stream()
        .filter(
            f ->
                (fields.text() != null || first.fields().has(f.first()))
                    && (fields.pair() != null
                        || f.second() == null
                        || first.fields().has(f.second()))
                    && (fields.label() != null || first.fields().has(f.label())))
        .findFirst()
        .orElseThrow(
            () ->
                new InputFault(
                    first.where()
                        + ": no known format of labelled rows has the fields "
                        + Fields.names(first)
                        + "; name them with `textField`, `pairField` and `labelField` (and, where"
                        + " the file has no line of names, `columns`)"));
  }
}
