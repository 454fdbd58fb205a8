package org.tlora.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.EngineOptions;
import org.tlora.cli.option.LoadedModel;
import org.tlora.cli.option.SamplingOptions;
import org.tlora.cli.option.WeightsOption;
import org.tlora.cli.terminal.TextStream;
import org.tlora.data.encode.ConversationEncoder;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.AdapterMix;
import org.tlora.text.PromptTemplate;
import org.tlora.text.Tokenizer;
import org.tlora.text.chat.Message;
import org.tlora.tune.TuningJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tlora generate}. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Continue a text; the result goes to standard output.")
public final class GenerateCommand implements Callable<Integer> {
  @Mixin private EngineOptions engine;

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
    if ((prompt == null) == promptIds.isEmpty()) {
      throw new UsageFault("give either --prompt or --prompt-ids");
    }
    int maxNewTokens = options.maxNewTokens();
    StopWords stop = options.stop();
    if (prompt == null && !stop.words().isEmpty()) {
      throw new UsageFault("--stop needs --prompt: stop texts need a tokenizer");
    }
    if (logits && !json) {
      throw new UsageFault("--logits needs --json");
    }
    Sampling sampling = options.sampling(engine.seed());
    boolean chat = template.equals(TuningJob.CHAT);
    PromptTemplate around = chat ? null : PromptTemplate.named(template);
    engine.apply();
    try (LoadedModel loaded = adapter.load(engine.computeType(), engine.device())) {
      weights.apply(loaded);
      Tokenizer tokenizer = prompt == null ? null : loaded.files().tokenizer();
      ConversationEncoder conversations = chat && tokenizer != null ? conversations(loaded) : null;
      int[] ids;
      if (tokenizer == null) {
        ids = promptIds.stream().mapToInt(Integer::intValue).toArray();
      } else if (conversations != null) {
        ids = conversations.prompt(List.of(Message.of("user", prompt)));
      } else {
        ids = tokenizer.encode(around.promptFor(prompt), true);
      }
      TextStream out = new TextStream(System.out, !json && tokenizer != null);
      List<Integer> ends =
          conversations == null
              ? loaded.files().generationEos()
              : loaded.files().conversationEos(conversations);
      Generation g =
          new Generator(loaded.decoder(), AdapterMix.of(loaded.adapters()), tokenizer, ends)
              .generate(List.of(request(ids, maxNewTokens)), sampling, stop, 1, out)
              .get(0);
      if (out.wantsText()) {
        out.end(g.text());
      } else {
        print(ids, g);
      }
    }
    return 0;
  }

  private GenerationRequest request(int[] ids, int maxNewTokens) {
    GenerationRequest request = new GenerationRequest(ids, maxNewTokens);
    return logits ? request.withLogits() : request;
  }

  private static ConversationEncoder conversations(LoadedModel loaded) {
    return loaded
        .files()
        .conversationEncoder()
        .orElseThrow(() -> new InputFault("--template chat: the model has no chat template"));
  }

  private void print(int[] ids, Generation g) {
    if (!json) {
      System.out.println(g.text() == null ? joined(g.ids()) : g.text());
      return;
    }
    ObjectNode out = Json.object();
    var prompts = out.putArray("prompt_ids");
    for (int id : ids) {
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
