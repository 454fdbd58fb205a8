/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data;

/**
 * A way of reading rows of your own: what a row teaches, from the fields that it has.
 *
 * <p>Fields that it does not look at are named once as unused, or are a fault where the reading
 * says so. Called by one thread at a time.
 */
public interface RowFormat {
  /** As in messages, and in what decides a run: two formats of a name are taken for the same. */
  String name();

  /**
   * Reads a row.
   *
   * @throws org.tlora.fault.InputFault if it is not one; the reading may pass over it
   */
  Lesson read(RowFields row);
}
