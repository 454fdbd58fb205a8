/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.text.chat.ChatTemplate;
import org.tlora.text.chat.Conversation;
import org.tlora.text.chat.Message;
import org.tlora.text.chat.Rendered;

/** Thoughts before answers: in {@code <think>} within the text, or in fields of their own. */
final class ThoughtParts {
  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";

  private ThoughtParts() {}

  /** What an answer says behind its thoughts. */
  static String answerOf(String content) {
    int end = content.lastIndexOf(CLOSE);
    return end < 0 ? content : content.substring(end + CLOSE.length()).strip();
  }

  /** The thoughts of a turn, without blanks around; empty ones are none. */
  static List<String> of(Message turn) {
    List<String> thoughts = new ArrayList<>();
    String content = turn.content();
    int end = content.lastIndexOf(CLOSE);
    if (end >= 0) {
      int begin = content.indexOf(OPEN);
      boolean opened = begin >= 0 && begin < end;
      thoughts.add(content.substring(opened ? begin + OPEN.length() : 0, end).strip());
    }
    for (String field : Message.THOUGHTS) {
      JsonNode own = turn.fields().path(field);
      if (own.isTextual()) {
        thoughts.add(own.asText().strip());
      }
    }
    thoughts.removeIf(String::isEmpty);
    return thoughts;
  }

  /** A conversation whose answers have no thoughts. */
  static Conversation stripped(Conversation said) {
    List<Message> turns = new ArrayList<>();
    for (Message m : said.messages()) {
      turns.add(m.isOfAssistant() ? stripped(m) : m);
    }
    return said.withMessages(turns);
  }

  private static Message stripped(Message m) {
    ObjectNode fields = m.fields().deepCopy();
    fields.remove(Message.THOUGHTS);
    if (m.content().contains(CLOSE)) {
      fields.put("content", answerOf(m.content()));
    }
    return new Message(m.role(), fields);
  }

  /**
   * The answers of a conversation with those thoughts that the template leaves out put back, as the
   * rows have them.
   *
   * @throws InputFault if that cannot be done with this template
   */
  static AnswerSpans kept(
      ChatTemplate template, Conversation said, AnswerSpans answers, String where) {
    List<Message> turns = new ArrayList<>(said.messages());
    List<String> marks = new ArrayList<>();
    for (int turn : answers.withoutThoughts()) {
      String mark = "answer" + Integer.toHexString(0x3f9a7c + 7919 * turn) + "mark";
      ObjectNode fields = turns.get(turn).fields().deepCopy().put("content", mark);
      fields.remove(Message.THOUGHTS);
      turns.set(turn, new Message(Message.ASSISTANT, fields));
      marks.add(mark);
    }
    AnswerSpans marked = AnswerSpans.of(template, said.withMessages(turns), where);
    return replaced(said, marked, answers.withoutThoughts(), marks, where);
  }

  private static AnswerSpans replaced(
      Conversation said,
      AnswerSpans marked,
      List<Integer> turns,
      List<String> marks,
      String where) {
    String text = marked.text();
    List<List<Rendered.Span>> spans = new ArrayList<>();
    for (int i = 0; i < said.messages().size(); i++) {
      spans.add(new ArrayList<>(marked.of(i)));
    }
    for (int k = turns.size() - 1; k >= 0; k--) {
      int at = text.indexOf(marks.get(k));
      if (at < 0) {
        throw new InputFault(where + ": the chat template does not let thoughts be kept");
      }
      String content = whole(said.messages().get(turns.get(k)));
      int longer = content.length() - marks.get(k).length();
      text = text.substring(0, at) + content + text.substring(at + marks.get(k).length());
      for (List<Rendered.Span> of : spans) {
        of.replaceAll(
            s ->
                new Rendered.Span(
                    s.from() > at ? s.from() + longer : s.from(),
                    s.to() > at ? s.to() + longer : s.to()));
      }
    }
    return marked.in(text, spans);
  }

  /** An answer with its thoughts as one text. */
  private static String whole(Message m) {
    if (m.content().contains(CLOSE)) {
      return m.content();
    }
    return OPEN + "\n" + of(m).get(0) + "\n" + CLOSE + "\n\n" + m.content();
  }
}
