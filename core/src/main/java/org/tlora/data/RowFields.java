/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data;

import java.util.List;

/** The fields of one row of a file. */
public interface RowFields {
  /** File and number of the row, for messages. */
  String where();

  /** The names of all fields, in their order. */
  List<String> names();

  /** Whether there is such a field, and it is not null. */
  boolean has(String field);

  /**
   * A field's text; of a number, as it is written.
   *
   * @throws org.tlora.fault.InputFault if it is missing or null, or a list or an object
   */
  String text(String field);

  /**
   * A field's value: a String, Number or Boolean, a List or a Map of these, or null where it is
   * null or missing.
   */
  Object value(String field);
}
