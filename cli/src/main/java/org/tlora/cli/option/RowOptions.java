/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.ArrayList;
import java.util.List;
import org.tlora.RowReading;
import org.tlora.data.Labels;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.LearnOptions;
import org.tlora.data.format.Fields;
import picocli.CommandLine.Option;

/** How rows of data are read. */
public final class RowOptions {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "auto",
      description =
          "auto, messages, sharegpt, conversation, prompt-completion-messages, alpaca,"
              + " instruction-response, prompt-completion, prompt-response, query-response,"
              + " question-answer, question-response or text; for encoders auto, sentence-pair, similarity, premise-hypothesis,"
              + " question-pair, duplicate-questions, question-sentence, paraphrase, sentence or"
              + " text-label.")
  private String format;

  @Option(
      names = "--prompt-field",
      paramLabel = "NAME",
      description = "The field of a row that holds the instruction.")
  private String promptField;

  @Option(
      names = "--response-field",
      paramLabel = "NAME",
      description = "The field of a row that holds the response.")
  private String responseField;

  @Option(
      names = "--messages-field",
      paramLabel = "NAME",
      description = "The field of a row that holds the turns of a conversation.")
  private String messagesField;

  @Option(
      names = "--text-field",
      paramLabel = "NAME",
      description =
          "The field of a row that holds a text to learn as a whole; for encoders, the (first) text"
              + " that has a label.")
  private String textField;

  @Option(
      names = "--pair-field",
      paramLabel = "NAME",
      description = "The field of a row that holds the second text, for encoders.")
  private String pairField;

  @Option(
      names = "--label-field",
      paramLabel = "NAME",
      description = "The field of a row that holds the label, for encoders.")
  private String labelField;

  @Option(
      names = "--labels",
      split = ",",
      paramLabel = "NAME",
      description =
          "What an encoder learns: names of classes in the order of their numbers, or regression"
              + " (default: as the rows show).")
  private List<String> labels = new ArrayList<>();

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "NAME",
      description = "Names for the columns of CSV and TSV files whose first line is a row already.")
  private List<String> columns = new ArrayList<>();

  @Option(
      names = "--on-bad-row",
      paramLabel = "fail|skip",
      defaultValue = "fail",
      description = "What to do about a row that cannot be read (default: ${DEFAULT-VALUE}).")
  private String onBadRow;

  @Option(
      names = "--on-unused-field",
      paramLabel = "warn|fail",
      defaultValue = "warn",
      description =
          "What to do about a field of a row that nothing uses: name it once, or end (default:"
              + " ${DEFAULT-VALUE}).")
  private String onUnusedField;

  @Option(
      names = "--learn",
      paramLabel = "all|last",
      defaultValue = "all",
      description = "Which of a conversation's answers are learned (default: ${DEFAULT-VALUE}).")
  private String learn;

  @Option(
      names = "--thoughts",
      paramLabel = "template|keep|strip",
      defaultValue = "template",
      description =
          "What becomes of <think> parts of answers: what the chat template makes of them, which is"
              + " said where it leaves them out; learned also where it would leave them out; or"
              + " taken out (default: ${DEFAULT-VALUE}).")
  private String thoughts;

  /**
   * These options.
   *
   * @throws org.tlora.fault.UsageFault with everything that is wrong with them
   */
  public RowReading reading() {
    return RowReading.builder()
        .format(format)
        .promptField(promptField)
        .responseField(responseField)
        .messagesField(messagesField)
        .textField(textField)
        .pairField(pairField)
        .labelField(labelField)
        .labels(labels.toArray(String[]::new))
        .columns(columns.toArray(String[]::new))
        .onBadRow(onBadRow)
        .onUnusedField(onUnusedField)
        .learn(learn)
        .thoughts(thoughts)
        .build();
  }

  /** The same for what encodes rows by itself; checked as above. */
  public DataSet.Reading encoding() {
    reading();
    Fields fields =
        new Fields(promptField, responseField, messagesField, textField, pairField, labelField);
    return new DataSet.Reading(
        format,
        fields,
        columns,
        onBadRow.equals("skip"),
        onUnusedField.equals("fail"),
        LearnOptions.named(learn, thoughts),
        null);
  }

  /** What an encoder learns, or null: as the rows show. */
  public Labels labels() {
    return labels.isEmpty() ? null : Labels.named(labels);
  }
}
