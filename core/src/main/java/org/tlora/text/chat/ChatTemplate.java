/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * A model's own chat template (Jinja), rendered as transformers 5.23 renders it ({@code
 * utils/chat_template_utils.py}). Templates come with models, so they reach nothing but the
 * conversation, and may cost so much and no more.
 */
public final class ChatTemplate {
  private static final Map<String, Function> FILTERS = Filters.all();
  private static final Map<String, Function> TESTS = Tests.all();

  private static final Map<String, Object> FUNCTIONS = Functions.all();

  private final String source;
  private final Map<String, String> specialTokens;
  private final Supplier<LocalDateTime> clock;
  private final long steps;
  private TemplateParser.Parsed parsed; // null: not yet
  private Set<String> mentioned; // null: not yet
  private final Map<String, Boolean> readsParts = new HashMap<>(); // by role, once it is known

  /**
   * Reads a template.
   *
   * @param source its text
   * @param specialTokens texts such as {@code bos_token} by their names
   */
  public ChatTemplate(String source, Map<String, String> specialTokens) {
    this(source, specialTokens, Budget.STEPS);
  }

  /**
   * Reads a template.
   *
   * @param steps what one conversation may cost
   */
  public ChatTemplate(String source, Map<String, String> specialTokens, long steps) {
    this(source, specialTokens, () -> LocalDateTime.now(ZoneId.systemDefault()), steps);
  }

  /**
   * Reads a template.
   *
   * @param clock what {@code strftime_now} takes for now
   */
  public ChatTemplate(
      String source, Map<String, String> specialTokens, Supplier<LocalDateTime> clock) {
    this(source, specialTokens, clock, Budget.STEPS);
  }

  private ChatTemplate(
      String source, Map<String, String> specialTokens, Supplier<LocalDateTime> clock, long steps) {
    this.steps = steps;
    this.source = Lexer.normalised(source);
    this.specialTokens = Map.copyOf(specialTokens);
    this.clock = clock;
  }

  /** Parsed where it is first used: a model's template may be damaged and never needed. */
  private synchronized TemplateParser.Parsed parsed() {
    if (parsed == null) {
      parsed = TemplateParser.parse(source, FILTERS.keySet(), TESTS.keySet());
    }
    return parsed;
  }

  /**
   * Whether a name, an attribute or a text of the template is this. What a template never mentions,
   * it cannot have written.
   *
   * @throws InputFault if Jinja2 would not compile the template
   */
  public synchronized boolean mentions(String name) {
    if (mentioned == null) {
      try {
        mentioned = TemplateNames.of(parsed().body());
      } catch (TemplateError e) {
        throw fault(e);
      }
    }
    return mentioned.contains(name);
  }

  /** Whether the template's text has this somewhere. */
  public boolean contains(String text) {
    return source.contains(text);
  }

  /**
   * The text of a conversation.
   *
   * @param addGenerationPrompt whether the opening of an assistant's turn is added
   * @throws InputFault if the template refuses the conversation, or costs too much
   */
  public Rendered render(Conversation conversation, boolean addGenerationPrompt) {
    List<Message> shown =
        conversation.messages().stream()
            .map(m -> m.hasParts() && !readsParts(m.role()) ? m.withPartsJoined() : m)
            .toList();
    return rendered(conversation, shown, addGenerationPrompt);
  }

  private Rendered rendered(
      Conversation conversation, List<Message> shown, boolean addGenerationPrompt) {
    Map<String, Object> names = new HashMap<>(specialTokens);
    names.put("tools", TemplateValues.of(conversation.tools()));
    names.put("documents", null);
    for (Map.Entry<String, JsonNode> e : conversation.variables().properties()) {
      names.put(e.getKey(), TemplateValues.of(e.getValue()));
    }
    List<Object> turns = new ArrayList<>();
    shown.forEach(m -> turns.add(TemplateValues.turn(m.fields())));
    names.put("messages", turns);
    names.put("add_generation_prompt", addGenerationPrompt);
    return rendered(names, new TurnMarks(turns));
  }

  /** The text of turns alone. */
  public String text(List<Message> turns, boolean addGenerationPrompt) {
    return render(Conversation.of(turns), addGenerationPrompt).text();
  }

  /** Renders with these names alone, as JSON. */
  Rendered render(ObjectNode values) {
    Map<String, Object> names = new HashMap<>();
    for (Map.Entry<String, JsonNode> e : values.properties()) {
      names.put(e.getKey(), TemplateValues.of(e.getValue()));
    }
    return rendered(names, new TurnMarks(List.of()));
  }

  private Rendered rendered(Map<String, Object> names, TurnMarks turns) {
    Map<String, Object> context = new HashMap<>(FUNCTIONS);
    context.put("self", new Dict()); // the blocks that other templates could replace
    context.putAll(names);
    try {
      return new Interpreter(
              FILTERS, TESTS, context, turns, clock, new Budget(steps, Budget.LETTERS))
          .render(parsed());
    } catch (TemplateError e) {
      throw fault(e);
    } catch (StackOverflowError e) {
      throw new InputFault("the chat template is nested too deep", e);
    } catch (ArithmeticException e) {
      throw new InputFault("the chat template: a number is too large: " + e.getMessage(), e);
    }
  }

  /**
   * Whether the template goes through the parts of a message. One that does not would print them as
   * Python writes a list, which nobody means.
   */
  private synchronized boolean readsParts(String role) {
    return readsParts.computeIfAbsent(role, this::triedParts);
  }

  private boolean triedParts(String role) {
    String mark = "3f9a7c";
    ObjectNode fields = Json.object();
    fields.putArray("content").addObject().put("type", "text").put("text", mark);
    Message parts = new Message(role, fields);
    Message question = Message.of("user", "a");
    List<Message> probe =
        role.equals("user")
            ? List.of(parts)
            : parts.isOfSystem() ? List.of(parts, question) : List.of(question, parts);
    try {
      String text = rendered(Conversation.of(probe), probe, false).text();
      return text.contains(mark) && !text.contains("'text'") && !text.contains("\"text\"");
    } catch (InputFault e) {
      return false; // it objects to a list, or to a conversation that is so short
    }
  }

  private InputFault fault(TemplateError e) {
    if (e.at() < 0) {
      return new InputFault("the chat template: " + e.getMessage(), e);
    }
    int at = Math.min(e.at(), source.length());
    int line = 1 + (int) source.substring(0, at).chars().filter(c -> c == '\n').count();
    int column = at - source.lastIndexOf('\n', at - 1);
    return new InputFault(
        "the chat template, line " + line + ", column " + column + ": " + e.getMessage(), e);
  }
}
