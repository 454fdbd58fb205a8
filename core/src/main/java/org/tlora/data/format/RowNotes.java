/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.fault.InputFault;

/**
 * What was noticed about rows: fields that nothing uses, parts that a template leaves out. What is
 * understood is used, what is not understood is named here; nothing is dropped without a word.
 */
public final class RowNotes {
  /** So many different notes are kept; files can be hostile. */
  private static final int MOST = 100;

  private record Count(long rows, String first) {}

  private final boolean failOnUnused;
  private final int most;
  private final Map<String, Count> counts = new LinkedHashMap<>();
  private long others;

  /**
   * Notes.
   *
   * @param failOnUnused whether a field that nothing uses is a fault
   */
  public RowNotes(boolean failOnUnused) {
    this(failOnUnused, MOST);
  }

  private RowNotes(boolean failOnUnused, int most) {
    this.failOnUnused = failOnUnused;
    this.most = most;
  }

  /** Notes that are to be added to these, all of them. */
  public RowNotes forOneRow() {
    return new RowNotes(failOnUnused, Integer.MAX_VALUE);
  }

  /** Adds the notes of a row to those of the rows before. */
  public void add(RowNotes row) {
    row.counts.forEach(this::add);
  }

  /**
   * Nothing uses this field of a row.
   *
   * @param where the row
   * @param field as a user would call it, such as {@code 'id'} or {@code 'name' of turns}
   * @throws InputFault if that is a fault
   */
  public void unused(String field, String where) {
    if (failOnUnused) {
      throw new InputFault(
          where + ": field " + field + " is not used (`onUnusedField` warn passes over it)");
    }
    add("field " + field + " is not used", where);
  }

  /** Something that a user should know about this row, once however many rows it is so with. */
  public void add(String note, String where) {
    add(note, new Count(1, where));
  }

  private void add(String note, Count more) {
    Count before = counts.get(note);
    if (before == null && counts.size() >= most) {
      others += more.rows();
    } else {
      counts.put(
          note, before == null ? more : new Count(before.rows() + more.rows(), before.first()));
    }
  }

  /** All that was noted, a line each. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    counts.forEach(
        (note, c) ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "%s: %,d %s",
                    note,
                    c.rows(),
                    c.rows() == 1 ? "time, " + c.first() : "times, first " + c.first())));
    if (others > 0) {
      lines.add(String.format(Locale.ROOT, "... and %,d other notes", others));
    }
    return lines;
  }
}
