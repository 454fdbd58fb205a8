/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

/**
 * How far a process has come.
 *
 * @param sequence how many times it began to wait for the others
 * @param waiting whether it does so now
 * @param work grows with whatever it gets done between
 */
record Pulse(long sequence, boolean waiting, long work) {
  static final Pulse START = new Pulse(0, false, 0);

  Pulse waits() {
    return new Pulse(sequence + 1, true, work + 1);
  }

  Pulse goesOn() {
    return new Pulse(sequence, false, work + 1);
  }

  Pulse works() {
    return new Pulse(sequence, waiting, work + 1);
  }

  String write() {
    return sequence + " " + (waiting ? 1 : 0) + " " + work;
  }

  /**
   * What {@link #write} wrote.
   *
   * @throws NumberFormatException if it is something else
   */
  static Pulse read(String text) {
    String[] parts = text.split(" ");
    if (parts.length != 3) {
      throw new NumberFormatException(text);
    }
    return new Pulse(Long.parseLong(parts[0]), parts[1].equals("1"), Long.parseLong(parts[2]));
  }
}
