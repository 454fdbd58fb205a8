/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.data.Labels;
import org.tlora.data.RowFormat;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.LearnOptions;
import org.tlora.data.format.ExampleFormats;
import org.tlora.data.format.Fields;
import org.tlora.data.format.LabelledFormats;
import org.tlora.fault.Nearest;
import org.tlora.fault.Problems;

/** How rows of data are read, and what of them is learned. Immutable; safe for threads. */
public final class RowReading {
  /** What may be done about a row that cannot be read. */
  static final List<String> ON_BAD_ROW = List.of("fail", "skip");

  /** What may be done about a field that nothing uses. */
  static final List<String> ON_UNUSED_FIELD = List.of("warn", "fail");

  private final DataSet.Reading reading;
  private final Labels labels; // or null: as the rows show
  private final Map<String, Object> given;

  private RowReading(DataSet.Reading reading, Labels labels, Map<String, Object> given) {
    this.reading = reading;
    this.labels = labels;
    this.given = given;
  }

  /** As the rows themselves say; a bad one is a fault, an unused field is named. */
  public static RowReading automatic() {
    return builder().build();
  }

  /** A builder whose values are those of {@link #automatic} until they are set. */
  public static Builder builder() {
    return new Builder();
  }

  /** The names of formats, of decoders and of encoders. */
  static List<String> formats() {
    Set<String> all = new LinkedHashSet<>(ExampleFormats.names());
    all.addAll(LabelledFormats.names());
    return List.copyOf(all);
  }

  private static void requireOneOf(
      Problems problems, String property, List<String> known, String value) {
    problems.require(
        known.contains(value),
        property
            + " must be "
            + (known.size() == 2
                ? String.join(" or ", known)
                : "one of " + String.join(", ", known))
            + ", not "
            + value
            + Nearest.question(value, known));
  }

  /** What options are where they are not given. */
  static Map<String, Object> usual() {
    Builder b = builder();
    b.format(b.format).onBadRow(b.onBadRow).onUnusedField(b.onUnusedField);
    return b.learn(b.learn).thoughts(b.thoughts).given;
  }

  DataSet.Reading reading() {
    return reading;
  }

  Labels labels() {
    return labels;
  }

  Map<String, Object> given() {
    return given;
  }

  /** Gathers the properties; not safe for threads. */
  public static final class Builder {
    private static final List<String> NAMED =
        List.of(
            "prompt-field",
            "response-field",
            "messages-field",
            "text-field",
            "pair-field",
            "label-field");

    private String format = "auto";
    private RowFormat own;
    private String promptField;
    private String responseField;
    private String messagesField;
    private String textField;
    private String pairField;
    private String labelField;
    private List<String> labels = List.of();
    private List<String> columns = List.of();
    private String onBadRow = "fail";
    private String onUnusedField = "warn";
    private String learn = "all";
    private String thoughts = "template";
    private final Map<String, Object> given = new LinkedHashMap<>();

    private Builder() {}

    /** The name of a format, or auto. */
    public Builder format(String value) {
      format = value;
      return given("format", value);
    }

    /** A format of your own, instead of one by its name or its fields. */
    public Builder format(RowFormat value) {
      own = value;
      return this;
    }

    /** The field that holds the instruction. */
    public Builder promptField(String value) {
      promptField = value;
      return given("prompt-field", value);
    }

    /** The field that holds the response. */
    public Builder responseField(String value) {
      responseField = value;
      return given("response-field", value);
    }

    /** The field that holds the turns of a conversation. */
    public Builder messagesField(String value) {
      messagesField = value;
      return given("messages-field", value);
    }

    /** The field that holds a text to learn as a whole; for encoders, the (first) text. */
    public Builder textField(String value) {
      textField = value;
      return given("text-field", value);
    }

    /** The field that holds the second text, for encoders. */
    public Builder pairField(String value) {
      pairField = value;
      return given("pair-field", value);
    }

    /** The field that holds the label, for encoders. */
    public Builder labelField(String value) {
      labelField = value;
      return given("label-field", value);
    }

    /** What an encoder learns: classes in the order of their numbers, or regression. */
    public Builder labels(String... values) {
      labels = List.of(values);
      return given("labels", labels);
    }

    /** Names for the columns of CSV and TSV files whose first line is a row already. */
    public Builder columns(String... values) {
      columns = List.of(values);
      return given("columns", columns);
    }

    /** fail or skip: what to do about a row that cannot be read. */
    public Builder onBadRow(String value) {
      onBadRow = value;
      return given("on-bad-row", value);
    }

    /** warn or fail: what to do about a field of a row that nothing uses. */
    public Builder onUnusedField(String value) {
      onUnusedField = value;
      return given("on-unused-field", value);
    }

    /** all or last: which of a conversation's answers are learned. */
    public Builder learn(String value) {
      learn = value;
      return given("learn", value);
    }

    /** template, keep or strip: what becomes of {@code <think>} parts of answers. */
    public Builder thoughts(String value) {
      thoughts = value;
      return given("thoughts", value);
    }

    private Builder given(String option, Object value) {
      given.put(option, value);
      return this;
    }

    /**
     * Ends the building.
     *
     * @throws org.tlora.fault.UsageFault with everything that is wrong
     */
    public RowReading build() {
      Problems problems = new Problems();
      requireOneOf(problems, "`onBadRow`", ON_BAD_ROW, onBadRow);
      requireOneOf(problems, "`onUnusedField`", ON_UNUSED_FIELD, onUnusedField);
      requireOneOf(problems, "`format`", formats(), format);
      LearnOptions learning = problems.gather(() -> LearnOptions.named(learn, thoughts));
      Labels named = labels.isEmpty() ? null : problems.gather(() -> Labels.named(labels));
      problems.require(
          own == null || (format.equals("auto") && Collections.disjoint(given.keySet(), NAMED)),
          "`format` of your own reads the fields itself: it goes with no other and no field's"
              + " name");
      problems.end();
      Fields fields =
          new Fields(promptField, responseField, messagesField, textField, pairField, labelField);
      return new RowReading(
          new DataSet.Reading(
              format,
              fields,
              columns,
              onBadRow.equals("skip"),
              onUnusedField.equals("fail"),
              learning,
              own),
          named,
          new LinkedHashMap<>(given));
    }
  }
}
