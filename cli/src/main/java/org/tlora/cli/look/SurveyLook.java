/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.tlora.data.encode.LengthCounts;
import org.tlora.data.encode.RowsSurvey;
import org.tlora.format.Json;
import org.tlora.report.RowsPage;

/** What all rows come to, as text, JSON and a page. */
public final class SurveyLook {
  private static final int BAR = 40;

  private final RowsSurvey survey;
  private final boolean labels;
  private final List<RowsPage.Figure> figures = new ArrayList<>();

  /**
   * Of a survey.
   *
   * @param labels whether rows have a label each instead of tokens to learn
   */
  public SurveyLook(RowsSurvey survey, boolean labels) {
    this.survey = survey;
    this.labels = labels;
    figures();
  }

  private void figure(String name, String value) {
    figures.add(new RowsPage.Figure(name, value));
  }

  private void figures() {
    LengthCounts lengths = survey.lengths();
    String formats =
        survey.formats().entrySet().stream()
            .map(
                e ->
                    survey.formats().size() == 1
                        ? e.getKey()
                        : e.getKey() + " " + Words.count(e.getValue()))
            .collect(Collectors.joining(", "));
    figure("rows", Words.count(survey.rows()) + (formats.isEmpty() ? "" : ", read as " + formats));
    figure("refused", Words.count(survey.refused(), "row"));
    if (survey.rows() > 0) {
      long kept = lengths.tokens() - survey.lostTokens();
      figure(
          "tokens of a row",
          Words.count(lengths.least())
              + " to "
              + Words.count(lengths.most())
              + ", median "
              + Words.count(lengths.quantile(0.5))
              + ", 95 % have up to "
              + Words.count(lengths.quantile(0.95)));
      figure("tokens", Words.count(kept) + " in all, within the cut-off");
      figure(
          "learned",
          labels
              ? Words.count(survey.learned(), "label")
              : Words.count(survey.learned(), "token")
                  + " ("
                  + Words.percent(survey.learned(), kept)
                  + ")");
      figure("cut-off", cutOff());
      if (survey.unlearnedRows() > 0) {
        figure(
            "left out",
            Words.count(survey.unlearnedRows(), "row")
                + ", nothing of them within the cut-off is learned");
      }
      figure(
          "duplicates",
          survey.duplicates() == 0
              ? "none"
              : Words.count(survey.duplicates(), "row")
                  + " the same to the token as an earlier one");
    }
  }

  private String cutOff() {
    String at = Words.count(survey.cutoffLength(), "token");
    if (survey.cutRows() == 0) {
      return at + ", which every row fits in";
    }
    String lost = Words.count(survey.lostTokens(), "token");
    return at
        + ": "
        + Words.count(survey.cutRows(), "row")
        + " ("
        + Words.percent(survey.cutRows(), survey.rows())
        + ") lose "
        + lost
        + (labels ? "" : ", " + Words.count(survey.lostLearned()) + " of which would be learned");
  }

  /** For people. */
  public String text() {
    Facts facts = new Facts();
    for (RowsPage.Figure f : figures) {
      facts.line(f.name(), f.value());
      if (f.name().equals("refused")) {
        survey.refusals().forEach(line -> facts.inner("", line));
        facts.inner("", more(survey.refused()));
      }
      if (f.name().equals("duplicates")) {
        duplicates().forEach(line -> facts.inner("", line));
        facts.inner("", more(survey.duplicates()));
      }
    }
    List<LengthCounts.Bin> bins = survey.lengths().histogram(survey.cutoffLength());
    long most = bins.stream().mapToLong(LengthCounts.Bin::rows).max().orElse(1);
    facts.line("lengths", bins.isEmpty() ? null : "rows by tokens before the cut-off");
    for (LengthCounts.Bin bin : bins) {
      int bar = (int) Math.ceil((double) BAR * bin.rows() / most);
      facts.inner(
          Words.count(bin.from()) + "–" + Words.count(bin.to() - 1),
          "█".repeat(bar) + " " + Words.count(bin.rows()));
    }
    return facts.text();
  }

  private static String more(long all) {
    long more = all - RowsSurvey.NAMED;
    return more > 0 ? "and " + Words.count(more) + " more" : null;
  }

  private List<String> duplicates() {
    return survey.firstDuplicates().stream()
        .map(d -> d.row() + ": the same as " + d.first())
        .toList();
  }

  /** For programs. */
  public ObjectNode json() {
    LengthCounts lengths = survey.lengths();
    ObjectNode json = Json.object().put("rows", survey.rows());
    json.put("refused", survey.refused());
    var refusals = json.putArray("refusals");
    survey.refusals().forEach(refusals::add);
    ObjectNode formats = json.putObject("formats");
    survey.formats().forEach(formats::put);
    json.putObject("tokens")
        .put("min", lengths.least())
        .put("median", lengths.quantile(0.5))
        .put("p95", lengths.quantile(0.95))
        .put("max", lengths.most())
        .put("total", lengths.tokens());
    var bins = json.putArray("histogram");
    for (LengthCounts.Bin bin : lengths.histogram(survey.cutoffLength())) {
      bins.addObject().put("from", bin.from()).put("to", bin.to() - 1).put("rows", bin.rows());
    }
    json.put("cutoff_length", survey.cutoffLength()).put("cut_rows", survey.cutRows());
    json.put("lost_tokens", survey.lostTokens()).put("lost_learned", survey.lostLearned());
    json.put("learned", survey.learned()).put("unlearned_rows", survey.unlearnedRows());
    json.put("duplicates", survey.duplicates());
    var duplicates = json.putArray("first_duplicates");
    survey
        .firstDuplicates()
        .forEach(d -> duplicates.addObject().put("row", d.row()).put("first", d.first()));
    return json;
  }

  /**
   * A page.
   *
   * @param title of it
   * @param rows that it shows
   */
  public RowsPage page(String title, List<RowsPage.ShownRow> rows) {
    List<String> refusals = new ArrayList<>(survey.refusals());
    List<String> duplicates = new ArrayList<>(duplicates());
    add(refusals, more(survey.refused()));
    add(duplicates, more(survey.duplicates()));
    return new RowsPage(
        title,
        "Rows as the model will see them in training.",
        figures,
        survey.lengths(),
        survey.cutoffLength(),
        List.of(
            new RowsPage.Listed("Refused rows", refusals),
            new RowsPage.Listed("Duplicates", duplicates),
            new RowsPage.Listed("Noticed", survey.notes())),
        rows);
  }

  private static void add(List<String> lines, String more) {
    if (more != null) {
      lines.add(more);
    }
  }
}
