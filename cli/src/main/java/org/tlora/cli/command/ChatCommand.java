/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.tlora.Chat;
import org.tlora.GenerationOptions;
import org.tlora.LanguageModel;
import org.tlora.cli.option.AdapterChoice;
import org.tlora.cli.option.EngineOptions;
import org.tlora.cli.option.SamplingOptions;
import org.tlora.cli.option.WeightsOption;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.TextStream;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

  @Spec private CommandSpec spec;
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
    if (options.maxNewTokens() < 1) {
      throw new UsageFault("--max-new-tokens must be at least 1 to chat");
    }
    GenerationOptions how = options.options(engine.seed()).build();
    engine.apply();
    try (Progress progress = new Progress(spec);
        LanguageModel model = adapter.load(engine, weights, progress)) {
      Chat chat = model.chat(system, how);
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = next(in); line != null && !line.equals(EXIT); line = next(in)) {
        if (line.equals(RESET)) {
          chat.reset();
        } else if (!line.isEmpty()) {
          answer(line, chat);
        }
      }
    } catch (IOException e) {
      throw new RunFault("standard input cannot be read: " + Json.reason(e), e);
    }
    return 0;
  }

  private static String next(BufferedReader in) throws IOException {
    if (Boolean.getBoolean("tlora.terminal")) {
      System.err.print("> ");
      System.err.flush();
    }
    String line = in.readLine();
    return line == null ? null : line.strip();
  }

  private static void answer(String question, Chat chat) {
    TextStream out = new TextStream(System.out);
    if (chat.ask(question, out).isPresent()) {
      out.end();
    } else {
      System.err.println(
          "tlora: the model cannot look back on so long a text; ask something shorter");
    }
  }
}
