/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tlora.fault.InputFault;
import org.tlora.text.chat.Message;

/**
 * A chat template that writes each turn as fixed texts around what is said: those texts, found by
 * rendering conversations of words that occur nowhere else, and checked by putting other
 * conversations together from them.
 *
 * @param opening before the first question, without a system's message
 * @param openingWithSystem before the system's message, where that comes first; null if the
 *     template refuses one
 * @param behindSystem between the system's message and the question that it goes before
 * @param systemInLast whether the system's message goes before the last question
 * @param question before every question but the first
 * @param behindQuestion behind every question
 * @param answer before an answer that was given
 * @param behindAnswer behind it
 * @param prompt before an answer that is to be given
 */
record TurnFormat(
    String opening,
    String openingWithSystem,
    String behindSystem,
    boolean systemInLast,
    String question,
    String behindQuestion,
    String answer,
    String behindAnswer,
    String prompt) {
  private static final String S = "Zyxwsystem";
  private static final String Q1 = "Zyxwfirst";
  private static final String A1 = "Zyxwanswer";
  private static final String Q2 = "Zyxwsecond";

  /** Writes conversations. */
  interface Renderer {
    /** The text, with the opening of an answer behind it or not. */
    String render(List<Message> messages, boolean addGenerationPrompt);
  }

  /**
   * What a template writes around turns; empty if it does more than that.
   *
   * @param end the token that some templates write behind a conversation that nobody goes on with
   */
  static Optional<TurnFormat> of(Renderer template, String end) {
    Renderer unended =
        (messages, opens) -> {
          String text = template.render(messages, opens);
          return opens || !text.endsWith(end)
              ? text
              : text.substring(0, text.length() - end.length());
        };
    try {
      return Optional.ofNullable(find(template))
          .or(() -> Optional.ofNullable(find(unended)))
          .filter(f -> f.isOf(template));
    } catch (InputFault e) {
      return Optional.empty(); // it refuses an ordinary conversation
    }
  }

  private static TurnFormat find(Renderer template) {
    List<Message> asked = List.of(user(Q1), assistant(A1), user(Q2));
    List<String> open = split(template.render(asked, true), Q1, A1, Q2);
    List<String> closed = split(template.render(asked, false), Q1, A1, Q2);
    List<String> answered = split(template.render(asked.subList(0, 2), false), Q1, A1);
    if (open == null || closed == null || answered == null) {
      return null;
    }
    String behindQuestion = closed.get(3);
    String behindAnswer = answered.get(2);
    String prompt = rest(open.get(3), behindQuestion);
    String answer = rest(open.get(1), behindQuestion);
    String question = rest(open.get(2), behindAnswer);
    if (prompt == null || answer == null || question == null) {
      return null;
    }
    TurnFormat without =
        new TurnFormat(
            open.get(0), null, null, false, question, behindQuestion, answer, behindAnswer, prompt);
    return without.withSystem(template);
  }

  private TurnFormat withSystem(Renderer template) {
    String text;
    try {
      text = template.render(List.of(system(S), user(Q1), assistant(A1), user(Q2)), true);
    } catch (InputFault e) {
      return this; // it knows no system's message
    }
    List<String> first = split(text, S, Q1, A1, Q2);
    if (first != null) {
      return withSystem(first.get(0), first.get(1), false);
    }
    List<String> last = split(text, Q1, A1, S, Q2);
    return last == null ? null : withSystem(opening, last.get(3), true);
  }

  private TurnFormat withSystem(String before, String behind, boolean inLast) {
    return new TurnFormat(
        opening, before, behind, inLast, question, behindQuestion, answer, behindAnswer, prompt);
  }

  private boolean isOf(Renderer template) {
    List<Message> turns =
        List.of(
            system("Be brief.\nAnswer in two lines."),
            user("How far is it?"),
            assistant("Two miles,\n\nperhaps three."),
            user("And back?"),
            assistant("As far."),
            user("1 < 2 {x} \"quoted\""));
    for (int from = openingWithSystem == null ? 1 : 0; from < 2; from++) {
      for (int to = 2; to <= turns.size(); to += 2) {
        List<Message> some = turns.subList(from, to);
        if (!template.render(some, true).equals(write(some))) {
          return false;
        }
      }
    }
    return true;
  }

  /** A conversation put together from the texts. */
  String write(List<Message> messages) {
    StringBuilder text = new StringBuilder();
    String system = null;
    boolean first = true;
    for (int i = 0; i < messages.size(); i++) {
      Message m = messages.get(i);
      if (m.isOfSystem()) {
        system = m.content();
      } else if (m.isOfAssistant()) {
        text.append(answer).append(m.content()).append(behindAnswer);
      } else {
        boolean here = system != null && (systemInLast ? i == messages.size() - 1 : first);
        text.append(first ? (here && !systemInLast ? openingWithSystem : opening) : question);
        text.append(here ? system + behindSystem : "");
        text.append(m.content()).append(behindQuestion);
        first = false;
      }
    }
    return text.append(prompt).toString();
  }

  /** The system's message that is written where none is given; empty if there is none. */
  String defaultSystem() {
    boolean has =
        openingWithSystem != null
            && !systemInLast
            && opening.length() > openingWithSystem.length() + behindSystem.length()
            && opening.startsWith(openingWithSystem)
            && opening.endsWith(behindSystem);
    return has
        ? opening.substring(openingWithSystem.length(), opening.length() - behindSystem.length())
        : "";
  }

  /** The same with a text taken off the beginning of all conversations. */
  TurnFormat without(String beginning) {
    return new TurnFormat(
        off(opening, beginning),
        openingWithSystem == null ? null : off(openingWithSystem, beginning),
        behindSystem,
        systemInLast,
        question,
        behindQuestion,
        answer,
        behindAnswer,
        prompt);
  }

  private static String off(String text, String beginning) {
    return text.startsWith(beginning) ? text.substring(beginning.length()) : text;
  }

  private static String rest(String text, String beginning) {
    return text.startsWith(beginning) ? text.substring(beginning.length()) : null;
  }

  /** What is around words that occur once each, in this order; null if they do not. */
  private static List<String> split(String text, String... words) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (String word : words) {
      int at = text.indexOf(word);
      if (at < from || text.indexOf(word, at + 1) >= 0) {
        return null;
      }
      parts.add(text.substring(from, at));
      from = at + word.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static Message system(String text) {
    return Message.of("system", text);
  }

  private static Message user(String text) {
    return Message.of("user", text);
  }

  private static Message assistant(String text) {
    return Message.of("assistant", text);
  }
}
