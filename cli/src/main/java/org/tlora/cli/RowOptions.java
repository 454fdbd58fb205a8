package org.tlora.cli;

import java.util.ArrayList;
import java.util.List;
import org.tlora.data.DataSet;
import org.tlora.data.Fields;
import org.tlora.data.Labels;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Option;

/** How rows of data are read. */
final class RowOptions {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "auto",
      description =
          "auto, messages, sharegpt, alpaca, prompt-completion, query-response, question-answer or"
              + " text; for encoders auto, sentence-pair, similarity, premise-hypothesis,"
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

  DataSet.Reading reading() {
    if (!onBadRow.equals("fail") && !onBadRow.equals("skip")) {
      throw new UsageFault("--on-bad-row must be fail or skip, not " + onBadRow);
    }
    Fields fields =
        new Fields(promptField, responseField, messagesField, textField, pairField, labelField);
    return new DataSet.Reading(format, fields, columns, onBadRow.equals("skip"));
  }

  /** What an encoder learns, or null: as the rows show. */
  Labels labels() {
    return labels.isEmpty() ? null : Labels.named(labels);
  }
}
