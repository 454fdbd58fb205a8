package org.tlora.cli.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.EngineOptions;
import org.tlora.cli.option.LoadedModel;
import org.tlora.cli.option.SamplingOptions;
import org.tlora.cli.option.WeightsOption;
import org.tlora.cli.terminal.TextStream;
import org.tlora.data.encode.ConversationEncoder;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.generate.Generation;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.model.AdapterMix;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tlora chat}: lines of standard input are questions, answers go to standard output. */
@Command(
    name = "chat",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Talk with a model, a line at a time. /reset forgets what was said, /exit or the end of"
            + " input ends. Needs a model with a chat template.")
public final class ChatCommand implements Callable<Integer> {
  private static final String RESET = "/reset";
  private static final String EXIT = "/exit";

  @Mixin private EngineOptions engine;

  @Mixin private AdapterChoice adapter;

  @Mixin private WeightsOption weights;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "What the model is told before the conversation.")
  private String system;

  @Mixin private SamplingOptions options;

  @Override
  public Integer call() {
    int maxNewTokens = options.maxNewTokens();
    if (maxNewTokens < 1) {
      throw new UsageFault("--max-new-tokens must be at least 1 to chat");
    }
    Sampling sampling = options.sampling(engine.seed());
    engine.apply();
    try (LoadedModel loaded = adapter.load(engine.computeType(), engine.device())) {
      weights.apply(loaded);
      ConversationEncoder encoder = encoder(loaded);
      Generator generator =
          new Generator(
              loaded.decoder(),
              AdapterMix.of(loaded.adapters()),
              loaded.files().tokenizer(),
              loaded.files().conversationEos(encoder));
      Conversation conversation = begin(loaded, encoder, maxNewTokens);
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = next(in); line != null && !line.equals(EXIT); line = next(in)) {
        if (line.equals(RESET)) {
          conversation.reset();
        } else if (!line.isEmpty()) {
          answer(line, conversation, generator, sampling, maxNewTokens);
        }
      }
    } catch (IOException e) {
      throw new RunFault("standard input cannot be read: " + Json.reason(e), e);
    }
    return 0;
  }

  private static ConversationEncoder encoder(LoadedModel loaded) {
    return loaded
        .files()
        .conversationEncoder()
        .orElseThrow(
            () ->
                new InputFault("the model has no chat template: generate --template names others"));
  }

  private Conversation begin(LoadedModel loaded, ConversationEncoder encoder, int maxNewTokens) {
    int positions = loaded.files().decoder().maxPositions();
    return new Conversation(
        encoder,
        system,
        // at least half of what the model can look back on is for what was said
        Math.max(positions - maxNewTokens, positions / 2));
  }

  private static String next(BufferedReader in) throws IOException {
    if (Boolean.getBoolean("tlora.terminal")) {
      System.err.print("> ");
      System.err.flush();
    }
    String line = in.readLine();
    return line == null ? null : line.strip();
  }

  private void answer(
      String question,
      Conversation conversation,
      Generator generator,
      Sampling sampling,
      int maxNewTokens) {
    int before = conversation.size();
    Optional<int[]> prompt = conversation.ask(question);
    if (prompt.isEmpty()) {
      System.err.println(
          "tlora: the model cannot look back on so long a text; ask something shorter");
      return;
    }
    if (conversation.size() <= before) {
      System.err.println("tlora: the beginning of the conversation is forgotten, it is too long");
    }
    TextStream out = new TextStream(System.out, true);
    Generation answer =
        generator
            .generate(
                List.of(new GenerationRequest(prompt.get(), maxNewTokens)),
                sampling,
                options.stop(),
                1,
                out)
            .get(0);
    out.end(answer.text());
    conversation.answer(answer.text());
  }
}
