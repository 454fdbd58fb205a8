/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tlora.data.Lesson;
import org.tlora.data.RowFields;
import org.tlora.data.RowFormat;
import org.tlora.text.chat.Conversation;
import org.tlora.text.chat.Message;

/** A program's own way of reading rows; what it does not look at is noted as unused. */
public record OwnFormat(RowFormat format) implements ExampleFormat {
  @Override
  public String name() {
    return format.name();
  }

  @Override
  public boolean fits(Row row) {
    return true;
  }

  @Override
  public Example read(Row row, RowNotes notes) {
    View view = new View(row);
    Lesson lesson = format.read(view);
    Fields.noteUnused(row, view.used, notes);
    return example(lesson, row.where());
  }

  private static Example example(Lesson lesson, String where) {
    if (lesson instanceof Lesson.Response r) {
      return new Example.Instruction(
          r.instruction(), r.input(), r.response(), null, List.of(), where);
    }
    if (lesson instanceof Lesson.Conversation c) {
      List<Message> turns = c.turns().stream().map(t -> Message.of(t.role(), t.content())).toList();
      return Example.Conversation.of(Conversation.of(turns), where);
    }
    if (lesson instanceof Lesson.Label l) {
      return new Example.Labelled(l.first(), l.second(), l.label(), where);
    }
    return new Example.PlainText(((Lesson.Text) lesson).text(), where);
  }

  /** Remembers what was looked at. */
  private static final class View implements RowFields {
    private final Row row;
    private final Set<String> used = new HashSet<>();

    View(Row row) {
      this.row = row;
    }

    @Override
    public String where() {
      return row.where();
    }

    @Override
    public List<String> names() {
      return row.names();
    }

    @Override
    public boolean has(String field) {
      return row.has(field);
    }

    @Override
    public String text(String field) {
      used.add(field);
      return row.text(field);
    }

    @Override
    public Object value(String field) {
      used.add(field);
      return row.value(field);
    }
  }
}
