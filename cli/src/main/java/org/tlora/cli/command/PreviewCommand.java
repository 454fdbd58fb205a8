/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.cli.option.RowsOptions;
import org.tlora.cli.terminal.PreviewText;
import org.tlora.data.Encoded;
import org.tlora.data.LabelledTokens;
import org.tlora.data.Labels;
import org.tlora.data.LearnedSpan;
import org.tlora.data.LearnedTokens;
import org.tlora.data.encode.DataSet;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.encode.LabelScan;
import org.tlora.data.encode.RowEncoder;
import org.tlora.data.encode.RowPreview;
import org.tlora.data.file.DataFile;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.loading.HubFiles;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.pretrained.RowEncoders;
import org.tlora.text.PromptTemplate;
import org.tlora.text.Tokenizer;
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
            + " learned in colour, or between ⟦ and ⟧ where there are no colours.")
public final class PreviewCommand implements Callable<Integer> {
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

  @Override
  public Integer call() {
    if (limit < 0) {
      throw new UsageFault("--limit must not be negative, not " + limit);
    }
    int cutoffLength = rows.cutoffLength();
    if (cutoffLength < 2) {
      throw new UsageFault("--cutoff-length must be at least 2, not " + cutoffLength);
    }
    DataSet.Reading reading = rows.encoding();
    PromptTemplate around = TuningJob.template(rows.template());
    HubFiles hub = rows.hub().files();
    Path path = hub.model(rows.model());
    List<DataFile> files = DataFile.named(hub.data(rows.data()));
    try (PretrainedModel base = PretrainedModel.open(path)) {
      RowEncoder encoder = encoder(base, files, reading, around);
      for (DataFile file : files) {
        List<String> notes =
            RowPreview.of(
                file,
                reading,
                encoder,
                limit == 0 ? Long.MAX_VALUE : limit,
                seen -> show(seen, encoder, base));
        notes.forEach(line -> System.err.println("tlora: " + line));
      }
    }
    return 0;
  }

  private RowEncoder encoder(
      PretrainedModel base, List<DataFile> files, DataSet.Reading reading, PromptTemplate around) {
    if (!base.isEncoder()) {
      return RowEncoders.decoder(base, around, rows.cutoffLength(), reading);
    }
    if (generationPrompt) {
      throw new UsageFault("--generation-prompt is for models that write text");
    }
    Labels given = rows.labels();
    Labels labels =
        given != null ? given : base.labels().orElseGet(() -> LabelScan.of(files, reading));
    return RowEncoders.encoder(base, labels, rows.cutoffLength());
  }

  private void show(RowPreview.Seen seen, RowEncoder encoder, PretrainedModel base) {
    Tokenizer tokenizer = base.tokenizer();
    if (generationPrompt) {
      ExampleEncoder decoder = (ExampleEncoder) encoder;
      String text = decoder.promptText(seen.example());
      showPrompt(seen, decoder.promptIds(seen.example(), text), tokenizer);
    } else if (json) {
      System.out.println(Json.compact(asJson(seen, tokenizer)));
    } else {
      System.out.println(header(seen));
      System.out.println(PreviewText.of(seen.encoded(), tokenizer, PreviewText.hasColours()));
    }
  }

  private static String header(RowPreview.Seen seen) {
    Encoded e = seen.encoded();
    String learned =
        e instanceof LabelledTokens l ? "label " + l.label() : e.supervisedTokens() + " learned";
    return "row "
        + seen.number()
        + " ("
        + seen.format()
        + "): "
        + e.ids().length
        + " tokens, "
        + learned;
  }

  private void showPrompt(RowPreview.Seen seen, int[] ids, Tokenizer tokenizer) {
    String text = tokenizer.decodeVisibly(ids);
    if (!json) {
      System.out.println("row " + seen.number() + ": " + ids.length + " tokens");
      System.out.println(text);
      return;
    }
    ObjectNode out = Json.object().put("row", seen.number());
    var array = out.putArray("ids");
    for (int id : ids) {
      array.add(id);
    }
    System.out.println(Json.compact(out.put("text", text)));
  }

  private static ObjectNode asJson(RowPreview.Seen seen, Tokenizer tokenizer) {
    ObjectNode out = Json.object().put("row", seen.number()).put("format", seen.format());
    int[] ids = seen.encoded().ids();
    var array = out.putArray("ids");
    for (int id : ids) {
      array.add(id);
    }
    if (seen.encoded() instanceof LearnedTokens tokens) {
      var learned = out.putArray("learned");
      for (int label : tokens.labels()) {
        learned.add(label == Encoded.IGNORED ? 0 : 1);
      }
      out.put("text", tokenizer.decodeVisibly(ids));
      var spans = out.putArray("learned_text");
      LearnedSpan.of(tokens).stream()
          .filter(LearnedSpan::learned)
          .forEach(s -> spans.add(tokenizer.decodeVisibly(s.ids())));
    } else if (seen.encoded() instanceof LabelledTokens labelled) {
      out.put("text", tokenizer.decodeVisibly(ids)).put("label", labelled.label());
    }
    return out;
  }
}
