/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.text.chat.ChatTemplate;
import org.tlora.text.chat.Conversation;
import org.tlora.text.chat.Message;
import org.tlora.text.chat.Rendered;

/**
 * Where a rendered conversation has the assistant's answers: from where the opening of an answer
 * ends, to what ends the turn, without blanks behind that.
 *
 * <p>What the template itself marks counts first. Else a template goes through the turns in a loop,
 * and what it writes in a turn's round is the turn: one rendering tells them all. Where it does
 * not, beginnings of the conversation are rendered and compared with the whole.
 */
final class AnswerSpans {
  private final Conversation said;
  private final String text;
  private final List<Set<String>> read;
  private final List<List<Rendered.Span>> spans;
  private final List<Integer> withoutThoughts = new ArrayList<>();
  private final List<Integer> rewritten = new ArrayList<>();
  private boolean marked;

  private AnswerSpans(
      Conversation said, String text, List<Set<String>> read, List<List<Rendered.Span>> spans) {
    this.said = said;
    this.text = text;
    this.read = read;
    this.spans = spans;
  }

  /**
   * Renders a conversation and finds its answers.
   *
   * @throws InputFault if the template refuses it or loses an answer
   */
  static AnswerSpans of(ChatTemplate template, Conversation said, String where) {
    Rendered whole = template.render(said, false);
    if (!whole.generated().isEmpty()) {
      AnswerSpans marked = new AnswerSpans(said, whole.text(), whole.read(), byMarks(said, whole));
      marked.marked = true;
      marked.requireAnswers(where);
      marked.findThoughts();
      return marked;
    }
    return found(new TurnFinder(template, said, whole), where);
  }

  private static AnswerSpans found(TurnFinder finder, String where) {
    List<List<Rendered.Span>> spans = new ArrayList<>();
    List<Integer> rewritten = new ArrayList<>();
    int least = 0;
    for (int i = 0; i < finder.said().messages().size(); i++) {
      if (!finder.said().messages().get(i).isOfAssistant()) {
        spans.add(List.of());
        continue;
      }
      Rendered.Span span = finder.answer(i, least);
      if (span == null) {
        throw lost(where, i);
      }
      if (!finder.isOf(i, span)) {
        rewritten.add(i);
      }
      spans.add(List.of(span));
      least = span.to();
    }
    AnswerSpans answers = new AnswerSpans(finder.said(), finder.text(), finder.read(), spans);
    answers.rewritten.addAll(rewritten);
    answers.findThoughts();
    return answers;
  }

  /** The parts that the template marks, each given to the turn that was written then. */
  private static List<List<Rendered.Span>> byMarks(Conversation said, Rendered whole) {
    List<List<Rendered.Span>> spans = new ArrayList<>();
    int turns = said.messages().size();
    for (int i = 0; i < turns; i++) {
      spans.add(new ArrayList<>());
    }
    List<Integer> answers = new ArrayList<>();
    for (int i = 0; i < turns; i++) {
      if (said.messages().get(i).isOfAssistant()) {
        answers.add(i);
      }
    }
    int next = 0;
    for (Rendered.Span mark : whole.generated()) {
      int turn = -1;
      for (int i = 0; i < turns; i++) {
        Rendered.Span round = whole.turns().get(i);
        if (round != null && mark.from() >= round.from() && mark.to() <= round.to()) {
          turn = i;
        }
      }
      if (turn < 0 && next < answers.size()) {
        turn = answers.get(next); // in order, where rounds do not tell
      }
      next++;
      if (turn >= 0) {
        spans.get(turn).add(mark);
      }
    }
    return spans;
  }

  private static InputFault lost(String where, int turn) {
    return new InputFault(
        where
            + ", turn "
            + (turn + 1)
            + ": the chat template does not write the assistant's turn as it is");
  }

  /** A template may mark a place of an answer where it writes none. */
  private void requireAnswers(String where) {
    for (int i = 0; i < said.messages().size(); i++) {
      Message m = said.messages().get(i);
      String content = ThoughtParts.answerOf(m.content().strip());
      String answer = String.join("", of(i).stream().map(s -> s.of(text)).toList());
      if (m.isOfAssistant() && !answer.contains(content) && TurnFinder.saysNothing(answer)) {
        throw lost(where, i);
      }
    }
  }

  /** Which answers lost the thoughts that they begin with. */
  private void findThoughts() {
    for (int i = 0; i < said.messages().size(); i++) {
      Message m = said.messages().get(i);
      if (m.isOfAssistant()) {
        String answer = String.join("", of(i).stream().map(s -> s.of(text)).toList());
        // an answer may say the same as its thoughts: those stand before it
        int at = answer.lastIndexOf(ThoughtParts.answerOf(m.content().strip()));
        String before = at < 0 ? answer : answer.substring(0, at);
        for (String thought : ThoughtParts.of(m)) {
          if (!before.contains(thought)) {
            withoutThoughts.add(i);
            break;
          }
        }
      }
    }
  }

  /** The rendered conversation. */
  String text() {
    return text;
  }

  /** The parts of the text that are a turn's answer; none for turns of others. */
  List<Rendered.Span> of(int turn) {
    return spans.get(turn);
  }

  /** Turns whose thoughts the template left out. */
  List<Integer> withoutThoughts() {
    return Collections.unmodifiableList(withoutThoughts);
  }

  /** Turns of the assistant that the template writes otherwise than they are. */
  List<Integer> rewritten() {
    return Collections.unmodifiableList(rewritten);
  }

  /** Whether something stands behind what the turn says, within its part: the template's end. */
  boolean isEnded(int turn) {
    if (marked) {
      return true; // the template says itself what is learned
    }
    Rendered.Span last = spans.get(turn).get(spans.get(turn).size() - 1);
    if (!text.substring(last.to()).isBlank()) {
      return true;
    }
    String content = said.messages().get(turn).content().strip();
    String answer = last.of(text);
    String tail = content.isEmpty() ? answer : ThoughtParts.answerOf(content);
    if (content.isEmpty() || said.messages().get(turn).fields().has("tool_calls")) {
      return !answer.isBlank() && !answer.strip().equals(content);
    }
    int at = answer.lastIndexOf(tail);
    return at < 0 || !answer.substring(at + tail.length()).isBlank();
  }

  /** Whether what somebody says is in the text, as it is or as JSON. */
  boolean isWritten(String content) {
    String plain = content.strip();
    if (plain.isEmpty() || text.contains(plain)) {
      return true;
    }
    String json = TextNode.valueOf(plain).toString(); // within quotes
    return text.contains(json.substring(1, json.length() - 1));
  }

  /** Whether the template asked for a field of a turn. */
  boolean isRead(int turn, String field) {
    return read.get(turn).contains(field);
  }

  /** The same answers in another text. */
  AnswerSpans in(String other, List<List<Rendered.Span>> otherSpans) {
    AnswerSpans same = new AnswerSpans(said, other, read, otherSpans);
    same.marked = marked;
    return same;
  }

  /** Whether a turn's answer has these words. */
  boolean says(int turn, String words) {
    return of(turn).stream().anyMatch(s -> s.of(text).contains(words));
  }
}
