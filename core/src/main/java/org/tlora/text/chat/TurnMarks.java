/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Notes what a template writes while it is at each turn of the conversation. */
final class TurnMarks {
  private final IdentityHashMap<Object, Integer> turns = new IdentityHashMap<>();
  private final List<?> all;
  private final Rendered.Span[] spans;
  private final boolean[] twice;
  private boolean within;

  /** Marks of turns as templates see them. */
  TurnMarks(List<?> turns) {
    all = turns;
    for (int i = 0; i < turns.size(); i++) {
      this.turns.put(turns.get(i), i);
    }
    spans = new Rendered.Span[turns.size()];
    twice = new boolean[turns.size()];
  }

  /** A round of a loop begins; whether it is at a turn, and {@link #end} must be called. */
  boolean begin(Object item) {
    boolean begins = !within && turns.containsKey(item);
    within |= begins;
    return begins;
  }

  /** The round is over and wrote this part; an empty one says nothing. */
  void end(Object item, int from, int to) {
    within = false;
    int turn = turns.get(item);
    if (to > from) {
      twice[turn] |= spans[turn] != null;
      spans[turn] = new Rendered.Span(from, to);
    }
  }

  /** The parts by turn; null where that is not known. */
  List<Rendered.Span> spans() {
    for (int i = 0; i < spans.length; i++) {
      if (twice[i]) {
        spans[i] = null;
      }
    }
    return Collections.unmodifiableList(Arrays.asList(spans.clone()));
  }

  /** For each turn the fields that the template asked for. */
  List<Set<String>> read() {
    List<Set<String>> read = new ArrayList<>();
    for (Object turn : all) {
      Set<String> names = new HashSet<>();
      ((Dict) turn).read().forEach(k -> names.add(k.toString()));
      read.add(names);
    }
    return read;
  }
}
