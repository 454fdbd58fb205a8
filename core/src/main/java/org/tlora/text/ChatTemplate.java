package org.tlora.text;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;

/**
 * A model's own chat template (Jinja), rendered as transformers renders it: blocks trimmed, {@code
 * raise_exception}, {@code strftime_now} and Python's methods of texts, lists and dictionaries at
 * hand. Templates come with models, so they can reach nothing else: no Java method, no file.
 */
public final class ChatTemplate {
  private static final long MOST_OUTPUT = 1L << 26;
  private static final int MOST_ELEMENTS = 100_000;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final String source;
  private final Map<String, String> specialTokens;
  private final Duration patience;
  private final Jinjava engine;
  private volatile String adapted; // null: not yet

  /**
   * A template.
   *
   * @param source its text
   * @param specialTokens texts such as {@code bos_token} by their names
   */
  public ChatTemplate(String source, Map<String, String> specialTokens) {
    this(source, specialTokens, PATIENCE);
  }

  /**
   * A template.
   *
   * @param patience the time that one conversation may take
   */
  public ChatTemplate(String source, Map<String, String> specialTokens, Duration patience) {
    this.patience = patience;
    this.source = source;
    this.specialTokens = Map.copyOf(specialTokens);
    JinjavaConfig config =
        JinjavaConfig.newBuilder()
            .withElResolver(new PythonMethods())
            .withInterperterFactory(new TimedInterpreter.Factory())
            .withNestedInterpretationEnabled(false)
            .withEnableRecursiveMacroCalls(true)
            .withMaxMacroRecursionDepth(50)
            .withMaxOutputSize(MOST_OUTPUT)
            .withMaxStringLength(MOST_OUTPUT)
            .withMaxListSize(MOST_ELEMENTS)
            .withMaxMapSize(MOST_ELEMENTS)
            .withRangeLimit(MOST_ELEMENTS)
            .withKeepTrailingNewline(true)
            .withLegacyOverrides(
                LegacyOverrides.newBuilder()
                    .withEvaluateMapKeys(true)
                    .withIterateOverMapKeys(true)
                    .withUsePyishObjectMapper(true)
                    .withUseNaturalOperatorPrecedence(true)
                    .withParseWhitespaceControlStrictly(true)
                    .withAllowAdjacentTextNodes(true)
                    .withUseTrimmingForNotesAndExpressions(true)
                    .withKeepNullableLoopValues(true)
                    .withHandleBackslashInQuotesOnly(true)
                    .build())
            .build();
    engine = new Jinjava(config);
    engine
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", TemplateFunctions.class, "raise", String.class));
    engine
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "strftime_now", TemplateFunctions.class, "now", String.class));
    engine.getGlobalContext().registerFilter(new PythonJson());
  }

  /**
   * The text of a conversation.
   *
   * @param addGenerationPrompt whether the opening of an assistant's turn is added
   * @throws InputFault if the template refuses the conversation, is damaged, or takes too long
   */
  public String render(List<Message> messages, boolean addGenerationPrompt) {
    Map<String, Object> values = new LinkedHashMap<>(specialTokens);
    // templates ask whether these functions are defined
    values.put("raise_exception", true);
    values.put("strftime_now", true);
    List<Map<String, Object>> turns = new ArrayList<>();
    for (Message m : messages) {
      Map<String, Object> turn = new LinkedHashMap<>();
      turn.put("role", m.role());
      turn.put("content", m.content());
      turns.add(turn);
    }
    values.put("messages", turns);
    values.put("add_generation_prompt", addGenerationPrompt);
    RenderResult result = rendered(values);
    for (TemplateError e : result.getErrors()) {
      if (e.getSeverity() == TemplateError.ErrorType.FATAL) {
        throw new InputFault("the chat template, line " + e.getLineno() + ": " + reason(e));
      }
    }
    return result.getOutput();
  }

  /**
   * Renders in a thread of its own, which is told to end where it takes too long. What even then
   * goes on ends with the process.
   */
  private RenderResult rendered(Map<String, Object> values) {
    FutureTask<RenderResult> task =
        new FutureTask<>(
            () -> {
              if (adapted == null) {
                adapted = TemplateDialect.adapted(source); // which hostile ones can make take long
              }
              return engine.renderForResult(adapted, values);
            });
    TimedInterpreter.TemplateThread thread = new TimedInterpreter.TemplateThread(task);
    thread.start();
    try {
      return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      thread.end();
      throw new InputFault("the chat template takes longer than " + patience.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      thread.end();
      Thread.currentThread().interrupt();
      throw new RunFault("interrupted while a chat template was rendered", e);
    } catch (ExecutionException e) {
      throw new InputFault("the chat template is damaged: " + e.getCause(), e);
    }
  }

  private static String reason(TemplateError error) {
    Throwable cause = error.getException();
    while (cause != null) {
      if (cause instanceof TemplateFunctions.Refused) {
        return cause.getMessage();
      }
      cause = cause.getCause();
    }
    return error.getMessage();
  }

  /** The time that {@code strftime_now} formats, by Python's codes. */
  static String formatted(LocalDateTime time, String format) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c == '%' && i + 1 < format.length()) {
        i++;
        out.append(field(time, format.charAt(i)));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static String field(LocalDateTime t, char code) {
    String pattern =
        switch (code) {
          case 'd' -> "dd";
          case 'm' -> "MM";
          case 'Y' -> "yyyy";
          case 'y' -> "yy";
          case 'b' -> "MMM";
          case 'B' -> "MMMM";
          case 'a' -> "EEE";
          case 'A' -> "EEEE";
          case 'H' -> "HH";
          case 'M' -> "mm";
          case 'S' -> "ss";
          default -> null;
        };
    return pattern == null
        ? "%" + code
        : java.time.format.DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(t);
  }
}
