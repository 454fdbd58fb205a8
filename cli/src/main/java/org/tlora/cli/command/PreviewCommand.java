/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.tlora.cli.look.ShownRows;
import org.tlora.cli.look.SurveyLook;
import org.tlora.cli.option.RowsOptions;
import org.tlora.data.Labels;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.encode.LabelScan;
import org.tlora.data.encode.RowEncoder;
import org.tlora.data.encode.RowParts;
import org.tlora.data.encode.RowPreview;
import org.tlora.data.encode.RowsSurvey;
import org.tlora.data.file.DataFile;
import org.tlora.engine.Cores;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.loading.HubFiles;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.pretrained.RowEncoders;
import org.tlora.report.RowsPage;
import org.tlora.text.PromptTemplate;
import org.tlora.tune.TuningJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tlora preview}. */
@Command(
    name = "preview",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Show rows as the model will see them in training: special tokens written out, what is"
            + " learned in colour, or between ⟦ and ⟧ where there are no colours; then what all"
            + " rows come to.")
public final class PreviewCommand implements Callable<Integer> {
  private static final int MOST_ON_PAGE = 200;
  private static final long SAY_EVERY_NANOS = 10_000_000_000L;

  @Mixin private RowsOptions rows;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "5",
      description = "Rows of each file to show; 0: all (default: ${DEFAULT-VALUE}).")
  private long limit;

  @Option(names = "--json", description = "Print a JSON object a row.")
  private boolean json;

  @Option(
      names = "--generation-prompt",
      description = "Show what generate would send instead: everything before the last answer.")
  private boolean generationPrompt;

  @Option(
      names = "--summary",
      negatable = true,
      description =
          "Go through all rows and say what they come to: lengths, what the cut-off loses, what is"
              + " learned, duplicates, and all rows that are refused instead of the first; with"
              + " --json as one more object. Default: without --json and --generation-prompt.")
  private Boolean summary;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Write the summary and the rows that are shown (at most "
              + MOST_ON_PAGE
              + ") to a page that needs nothing else.")
  private Path html;

  @Override
  public Integer call() {
    if (limit < 0) {
      throw new UsageFault("--limit must not be negative, not " + limit);
    }
    int cutoffLength = rows.cutoffLength();
    if (cutoffLength < 2) {
      throw new UsageFault("--cutoff-length must be at least 2, not " + cutoffLength);
    }
    if (generationPrompt && (html != null || Boolean.TRUE.equals(summary))) {
      throw new UsageFault(
          "--generation-prompt shows what generate would send, --summary and --html say what is"
              + " trained on: ask for one of them");
    }
    if (html != null && Boolean.FALSE.equals(summary)) {
      throw new UsageFault("--html is of the summary, which --no-summary leaves out");
    }
    DataSet.Reading reading = rows.encoding();
    PromptTemplate around = TuningJob.template(rows.template());
    HubFiles hub = rows.hub().files();
    Path path = hub.model(rows.model());
    List<DataFile> files = DataFile.named(hub.data(rows.data()));
    try (PretrainedModel base = PretrainedModel.open(path)) {
      boolean wanted = summary == null ? html != null || !(json || generationPrompt) : summary;
      if (wanted) {
        survey(base, files, reading, around);
      } else {
        show(base, files, reading, around);
      }
    }
    return 0;
  }

  /** The first rows alone; a bad one among them ends it. */
  private void show(
      PretrainedModel base, List<DataFile> files, DataSet.Reading reading, PromptTemplate around) {
    RowEncoder encoder =
        base.isEncoder()
            ? RowEncoders.encoder(base, labels(base, files, reading), rows.cutoffLength())
            : RowEncoders.decoder(base, around, rows.cutoffLength(), reading);
    ShownRows shown = new ShownRows(base.tokenizer(), json);
    for (DataFile file : files) {
      List<String> notes =
          RowPreview.of(
              file,
              reading,
              encoder,
              most(),
              seen ->
                  System.out.println(
                      generationPrompt
                          ? shown.prompt(seen, (ExampleEncoder) encoder)
                          : shown.of(seen)));
      notes.forEach(line -> System.err.println("tlora: " + line));
    }
  }

  private long most() {
    return limit == 0 ? Long.MAX_VALUE : limit;
  }

  private Labels labels(PretrainedModel base, List<DataFile> files, DataSet.Reading reading) {
    if (generationPrompt) {
      throw new UsageFault("--generation-prompt is for models that write text");
    }
    Labels given = rows.labels();
    return given != null ? given : base.labels().orElseGet(() -> LabelScan.of(files, reading));
  }

  /** All rows, of which the first are shown. */
  private void survey(
      PretrainedModel base, List<DataFile> files, DataSet.Reading reading, PromptTemplate around) {
    RowEncoder whole;
    RowEncoder cut;
    if (base.isEncoder()) {
      Labels labels = labels(base, files, reading.skippingBadRows());
      whole = RowEncoders.uncutEncoder(base, labels);
      cut = RowEncoders.encoder(base, labels, rows.cutoffLength());
    } else {
      whole = RowEncoders.decoder(base, around, Integer.MAX_VALUE, reading);
      cut = RowEncoders.decoder(base, around, rows.cutoffLength(), reading);
    }
    Shown shown = new Shown(base);
    int threads = Cores.detect().threads();
    RowsSurvey found = RowsSurvey.of(files, reading, whole, cut, threads, most(), shown);
    found.notes().forEach(line -> System.err.println("tlora: " + line));
    SurveyLook look = new SurveyLook(found, base.isEncoder());
    if (json) {
      System.out.println(Json.compact(Json.object().set("summary", look.json())));
    } else {
      System.out.print("\n" + look.text());
    }
    if (html != null) {
      String names = files.stream().map(DataFile::name).collect(Collectors.joining(", "));
      look.page(names + " for " + base.name(), shown.page).write(html);
    }
    if (found.refused() > 0 && !reading.skipBadRows()) {
      String first = found.refusals().get(0);
      throw new InputFault(
          found.refused() == 1
              ? first
              : String.format(
                  Locale.ROOT, "%,d rows are refused, the first: %s", found.refused(), first));
    }
  }

  /** Prints rows, keeps those of the page, and says how far it has come. */
  private final class Shown implements RowsSurvey.Watcher {
    private final ShownRows text;
    private final RowParts parts;
    private final List<RowsPage.ShownRow> page = new ArrayList<>();
    private long said = System.nanoTime();

    Shown(PretrainedModel base) {
      text = new ShownRows(base.tokenizer(), json);
      parts = new RowParts(base.tokenizer());
    }

    @Override
    public void row(DataFile file, RowPreview.Seen row) {
      System.out.println(text.of(row));
      if (html != null && page.size() < MOST_ON_PAGE) {
        String title = file.name() + ", " + ShownRows.header(row);
        page.add(new RowsPage.ShownRow(title, parts.of(row.encoded())));
      }
    }

    @Override
    public void counted(long count) {
      if (System.nanoTime() - said > SAY_EVERY_NANOS) {
        said = System.nanoTime();
        System.err.println(String.format(Locale.ROOT, "tlora: %,d rows so far", count));
      }
    }
  }
}
