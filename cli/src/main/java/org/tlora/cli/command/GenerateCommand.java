/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.GenerationOptions;
import org.tlora.LanguageModel;
import org.tlora.Prompt;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.EngineOptions;
import org.tlora.cli.option.ProcessOptions;
import org.tlora.cli.option.SamplingOptions;
import org.tlora.cli.option.WeightsOption;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.TextStream;
import org.tlora.collective.Collective;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.generate.Generation;
import org.tlora.run.RunListener;
import org.tlora.text.PromptTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora generate}. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Continue a text; the result goes to standard output.")
public final class GenerateCommand implements Callable<Integer> {
  private static final String CHAT = "chat";

  private static final RunListener QUIET = new RunListener() {};

  @Spec private CommandSpec spec;
  @Mixin private EngineOptions engine;

  @Mixin private ProcessOptions processes;

  @Mixin private AdapterChoice adapter;

  @Mixin private WeightsOption weights;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "The text to continue.")
  private String prompt;

  @Option(
      names = "--prompt-ids",
      split = ",",
      paramLabel = "ID",
      description = "Token ids instead of a text; no tokenizer is needed.")
  private List<Integer> promptIds = new ArrayList<>();

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "Continue the field 'prompt' of each row: an object a row goes to --output. Several"
              + " processes share the rows.")
  private Path prompts;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "With --prompts: where the objects go (default: standard output).")
  private Path output;

  @Option(
      names = "--template",
      paramLabel = "NAME",
      defaultValue = "plain",
      description =
          "What goes around --prompt: plain, alpaca, gsm8k, or chat: the model's own template"
              + " (default: ${DEFAULT-VALUE}).")
  private String template;

  @Mixin private SamplingOptions options;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(
      names = "--logits",
      description = "With --json: the logits behind the last prompt token too.")
  private boolean logits;

  @Override
  public Integer call() {
    int given =
        (prompt == null ? 0 : 1) + (promptIds.isEmpty() ? 0 : 1) + (prompts == null ? 0 : 1);
    if (given != 1) {
      throw new UsageFault("give either --prompt or --prompt-ids, or --prompts");
    }
    if (output != null && prompts == null) {
      throw new UsageFault("--output goes with --prompts");
    }
    if (prompts != null && (json || logits)) {
      throw new UsageFault("--json and --logits do not go with --prompts, which writes objects");
    }
    if (!promptIds.isEmpty() && options.hasStop()) {
      throw new UsageFault("--stop needs --prompt: stop texts need a tokenizer");
    }
    if (logits && !json) {
      throw new UsageFault("--logits needs --json");
    }
    GenerationOptions how = options.options(engine.seed()).logits(logits).build();
    if (!template.equals(CHAT)) {
      PromptTemplate.named(template);
    }
    if (prompts != null) {
      return processes.inGroup(spec, group -> generateAll(how, group));
    }
    if (!processes.isFirst(spec)) {
      return 0; // one text is one process's
    }
    engine.apply();
    Prompt what = prompt == null ? new Prompt.Tokens(promptIds) : new Prompt.Text(prompt, template);
    try (Progress progress = new Progress(spec);
        LanguageModel model = adapter.load(engine, weights, progress)) {
      TextStream out = new TextStream(System.out);
      boolean streamed = !json && prompt != null;
      Generation g = model.generate(what, how, streamed ? out : null);
      if (streamed) {
        out.end();
      } else {
        print(g);
      }
    }
    return 0;
  }

  /** The others wait as long as this takes. */
  private LanguageModel loaded(RunListener listener, Collective group) {
    try (Collective.Busy busy = group.busy()) {
      return adapter.load(engine, weights, listener, group);
    }
  }

  private int generateAll(GenerationOptions how, Collective group) {
    PromptsRun run = new PromptsRun(prompts, template);
    engine.apply();
    try (Progress progress = new Progress(spec);
        LanguageModel model = loaded(group.isFirst() ? progress : QUIET, group)) {
      StringBuilder all = new StringBuilder();
      run.run(
          model,
          how,
          group,
          line -> {
            if (output != null) {
              all.append(line).append('\n');
            } else if (group.isFirst()) {
              System.out.println(line);
            }
          });
      if (output != null && group.isFirst()) {
        AtomicFiles.writeText(output, all.toString());
      }
      group.barrier();
    }
    return 0;
  }

  private void print(Generation g) {
    if (!json) {
      System.out.println(g.text() == null ? joined(g.ids()) : g.text());
      return;
    }
    ObjectNode out = Json.object();
    var prompts = out.putArray("prompt_ids");
    for (int id : g.promptIds()) {
      prompts.add(id);
    }
    var generated = out.putArray("generated_ids");
    for (int id : g.ids()) {
      generated.add(id);
    }
    out.put("text", g.text());
    if (logits) {
      var last = out.putArray("last_logits");
      for (float v : g.lastPromptLogits()) {
        last.add(v);
      }
    }
    System.out.println(Json.compact(out));
  }

  private static String joined(int[] ids) {
    List<String> words = new ArrayList<>();
    for (int id : ids) {
      words.add("" + id);
    }
    return String.join(",", words);
  }
}
