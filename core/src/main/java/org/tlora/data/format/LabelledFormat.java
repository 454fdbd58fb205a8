/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rows with a text, or two, and a label.
 *
 * @param second the field of the second text, or null
 */
record LabelledFormat(String name, String first, String second, String label)
    implements ExampleFormat {
  @Override
  public boolean fits(Row row) {
    return row.fields().has(first)
        && (second == null || row.fields().has(second))
        && row.fields().has(label);
  }

  @Override
  public Example.Labelled read(Row row, RowNotes notes) {
    Example.Labelled example =
        new Example.Labelled(
            Fields.text(row, first),
            second == null ? null : Fields.text(row, second),
            Fields.text(row, label),
            row.where());
    Set<String> used = new HashSet<>(List.of(first, label));
    used.add(second);
    Fields.noteUnused(row, used, notes);
    return example;
  }
}
