/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.tlora.fault.InputFault;
import org.tlora.text.chat.ChatTemplate;
import org.tlora.text.chat.Conversation;
import org.tlora.text.chat.Message;
import org.tlora.text.chat.Rendered;

/** Finds single answers in a rendered conversation, one way after the other. */
final class TurnFinder {
  private static final Pattern END =
      Pattern.compile("</s>|<(\\||｜)?[\\w▁]*(end|eot|eos|eom)[\\w▁]*(\\||｜)?>");

  private final ChatTemplate template;
  private final Conversation said;
  private final Rendered whole;
  private String opening; // null: not known yet

  TurnFinder(ChatTemplate template, Conversation said, Rendered whole) {
    this.template = template;
    this.said = said;
    this.whole = whole;
  }

  Conversation said() {
    return said;
  }

  String text() {
    return whole.text();
  }

  /** For each turn the fields that the template asked for. */
  List<Set<String>> read() {
    return whole.read();
  }

  /**
   * The part of the text that an answer is. It may say something else than the turn, where the
   * template rewrites what is said.
   *
   * @param least where it may begin at the earliest: the answers before end there
   * @return null if the template does not write it
   */
  Rendered.Span answer(int turn, int least) {
    Rendered.Span round = byRound(turn, least);
    Rendered.Span span = round;
    if (span == null || !isOf(turn, span)) {
      span = byBeginnings(turn, least);
    }
    if (span == null || !isOf(turn, span)) {
      span = bySearch(turn, least);
    }
    return span != null || round == null || saysNothing(round.of(text())) ? span : round;
  }

  /** Whether there is nothing but the end of a turn. */
  static boolean saysNothing(String written) {
    int tag = written.strip().endsWith(">") ? written.lastIndexOf('<') : -1;
    return written.substring(0, tag < 0 ? written.length() : tag).isBlank();
  }

  /** Whether a part of the text has what the turn says, if only without its thoughts. */
  boolean isOf(int turn, Rendered.Span span) {
    String content = said.messages().get(turn).content().strip();
    String written = span.of(text());
    return written.contains(content) || written.contains(ThoughtParts.answerOf(content));
  }

  /** What a loop of the template wrote in the turn's round, behind the opening of an answer. */
  private Rendered.Span byRound(int turn, int least) {
    Rendered.Span round = whole.turns().get(turn);
    if (round == null || round.from() < least) {
      return null;
    }
    String written = round.of(text());
    int behind = behindOpening(written);
    return behind < 0 ? null : trimmed(round.from() + behind, round.to(), turn);
  }

  /**
   * Where the opening of an answer ends in a turn, or −1 if it does not begin with it. An opening
   * that goes on with a tag that this turn has not, such as one of thoughts, ends before that.
   */
  private int behindOpening(String written) {
    String opening = opening().stripLeading();
    if (opening.isEmpty()) {
      return 0;
    }
    int at = written.length() - written.stripLeading().length();
    int common = 0;
    while (common < opening.length()
        && at + common < written.length()
        && opening.charAt(common) == written.charAt(at + common)) {
      common++;
    }
    if (common == opening.length()) {
      return at + common;
    }
    int tag = opening.lastIndexOf('<', common);
    return tag > 0 ? at + tag : -1;
  }

  /** What the template writes before an answer, and to ask for one. */
  private String opening() {
    if (opening == null) {
      int first = 0;
      while (!said.messages().get(first).isOfAssistant()) {
        first++;
      }
      opening = first > 0 ? openingAfter(said.first(first)) : "";
      if (opening.isEmpty()) {
        opening = openingAfter(said.withMessages(List.of(Message.of("user", "a"))));
      }
      if (opening.isEmpty()) {
        opening = openingWithin();
      }
    }
    return opening;
  }

  private String openingAfter(Conversation before) {
    try {
      String without = template.render(before, false).text();
      String with = template.render(before, true).text();
      return with.startsWith(without) ? with.substring(without.length()) : "";
    } catch (InputFault e) {
      return ""; // some templates refuse a part of a conversation
    }
  }

  /** What stands before any answer, where the template does not ask for one by itself. */
  private String openingWithin() {
    String mark = "3f9a7c";
    List<Message> asked = List.of(Message.of("user", "a"), Message.of(Message.ASSISTANT, mark));
    try {
      Rendered probe = template.render(said.withMessages(asked), false);
      String question = template.render(said.withMessages(asked.subList(0, 1)), false).text();
      int at = probe.text().indexOf(mark);
      int from =
          probe.turns().get(1) != null
              ? probe.turns().get(1).from()
              : probe.text().startsWith(question) ? question.length() : at;
      String before = at < from ? "" : probe.text().substring(from, at);
      return before.isBlank() ? "" : before;
    } catch (InputFault e) {
      return "";
    }
  }

  /**
   * What the template writes with the turn and not yet as the opening of an answer to what is
   * before it. Null if earlier turns are written otherwise once others follow, as where the
   * system's message goes into the last question.
   */
  private Rendered.Span byBeginnings(int turn, int least) {
    try {
      String opened = template.render(said.first(turn), true).text();
      int from = commonWith(opened);
      if (from < opened.length()) {
        int tag = opened.lastIndexOf('<', from);
        String rest = tag < 0 ? "" : opened.substring(tag);
        // what is missing may be the opening of thoughts, and nothing else
        if (tag < 0 || tag > from || rest.length() > 20) {
          return null;
        }
        from = tag;
      }
      int to = text().length();
      if (turn + 1 < said.messages().size()) {
        to = commonWith(template.render(said.first(turn + 1), false).text());
      }
      if (to > from && opened.equals(template.render(said.first(turn), false).text())) {
        from += Math.max(0, behindOpening(text().substring(from, to))); // it was not asked for
      }
      return from >= least && to > from ? trimmed(from, to, turn) : null;
    } catch (InputFault e) {
      return null;
    }
  }

  private int commonWith(String other) {
    int most = Math.min(other.length(), text().length());
    int i = 0;
    while (i < most && other.charAt(i) == text().charAt(i)) {
      i++;
    }
    return i;
  }

  private Rendered.Span bySearch(int turn, int least) {
    String content = said.messages().get(turn).content().strip();
    if (content.isEmpty()) {
      return null;
    }
    int cursor = least;
    // what was said since the last answer is passed over, so that an echo of it is not taken for it
    for (int i = turn - 1; i >= 0 && !said.messages().get(i).isOfAssistant(); i--) {
      String before = said.messages().get(i).content().strip();
      int at = before.isEmpty() ? -1 : text().indexOf(before, least);
      if (at >= 0 && !said.messages().get(i).isOfSystem()) {
        cursor = Math.max(cursor, at + before.length());
      }
    }
    int at = text().indexOf(content, cursor);
    if (at < 0) {
      content = ThoughtParts.answerOf(content);
      at = text().indexOf(content, cursor);
    }
    return at < 0 ? null : withEnd(at, at + content.length());
  }

  /** Without blanks at its end; with an end of the turn that stands right behind it. */
  private Rendered.Span trimmed(int from, int to, int turn) {
    int end = to;
    while (end > from && Character.isWhitespace(text().charAt(end - 1))) {
      end--;
    }
    String content = ThoughtParts.answerOf(said.messages().get(turn).content().strip());
    boolean bare = !content.isEmpty() && text().startsWith(content, end - content.length());
    return end == from ? null : bare ? withEnd(from, end) : new Rendered.Span(from, end);
  }

  /** An end of the turn, such as {@code <|im_end|>} or {@code </s>}, belongs to it. */
  private Rendered.Span withEnd(int from, int to) {
    int i = to;
    while (i < text().length() && Character.isWhitespace(text().charAt(i))) {
      i++;
    }
    if (i < text().length() && text().charAt(i) == '<') {
      int close = text().indexOf('>', i);
      String tag = close < 0 ? "" : text().substring(i, close + 1);
      if (END.matcher(tag).matches()) {
        return new Rendered.Span(from, close + 1);
      }
    }
    return new Rendered.Span(from, to);
  }
}
