/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tlora.fault.InputFault;

/**
 * Follows a grammar byte by byte. A state is all that may be left to come, as stacks of elements;
 * states that are met again are known again, with where each byte leads from them. Not safe for
 * threads.
 */
final class Automaton {
  /** Nothing can follow here. */
  static final int DEAD = -1;

  private static final int UNKNOWN = -2;

  /** Places of a grammar that a text could be at. */
  private static final int MOST_PLACES = 2000;

  /** What is to come: an element of an alternative, and behind the alternative what is below. */
  private record Stack(List<Grammar.Element> alternative, int at, Stack below, int hash) {
    static Stack of(List<Grammar.Element> alternative, int at, Stack below) {
      int hash = 31 * (31 * System.identityHashCode(alternative) + at);
      return new Stack(alternative, at, below, hash + (below == null ? 7 : below.hash));
    }

    Grammar.Element top() {
      return alternative.get(at);
    }

    /** What is left behind the top. */
    Stack rest() {
      return at + 1 < alternative.size() ? of(alternative, at + 1, below) : below;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      Stack a = this;
      Object b = other;
      while (a != b) {
        boolean same =
            b instanceof Stack s
                && s.hash == a.hash
                && s.alternative == a.alternative
                && s.at == a.at;
        if (!same) {
          return false;
        }
        if (a.below == null || ((Stack) b).below == null) {
          return a.below == ((Stack) b).below;
        }
        b = ((Stack) b).below;
        a = a.below;
      }
      return true;
    }
  }

  /** Stacks whose top is a byte, and whether nothing need come any more. */
  private record State(Set<Stack> stacks, boolean accepts) {}

  private final Grammar grammar;
  private final Map<State, Integer> numbers = new HashMap<>();
  private final List<State> states = new ArrayList<>();
  private final List<int[]> next = new ArrayList<>();

  Automaton(Grammar grammar) {
    this.grammar = grammar;
    Set<Stack> first = new HashSet<>();
    boolean accepts = false;
    for (List<Grammar.Element> alternative : grammar.alternatives(grammar.start())) {
      accepts |= expand(alternative.isEmpty() ? null : Stack.of(alternative, 0, null), first);
    }
    number(new State(first, accepts));
  }

  /** The state that all begins with. */
  int start() {
    return 0;
  }

  /** States that were met so far. */
  int size() {
    return states.size();
  }

  /** Whether it may end here. */
  boolean accepts(int state) {
    return states.get(state).accepts();
  }

  /** Whether it must end here. */
  boolean isFinal(int state) {
    return states.get(state).stacks().isEmpty();
  }

  /** Where a byte leads. */
  int step(int state, int value) {
    int[] known = next.get(state);
    if (known[value] == UNKNOWN) {
      Set<Stack> stacks = new HashSet<>();
      boolean accepts = false;
      for (Stack s : states.get(state).stacks()) {
        if (((Grammar.OneByte) s.top()).set().has(value)) {
          accepts |= expand(s.rest(), stacks);
        }
      }
      if (stacks.size() > MOST_PLACES) {
        throw ambiguous();
      }
      known[value] =
          stacks.isEmpty() && !accepts ? DEAD : number(new State(Set.copyOf(stacks), accepts));
    }
    return known[value];
  }

  private static InputFault ambiguous() {
    return new InputFault(
        "the schema cannot be held to: a text of it can be read in too many ways");
  }

  private int number(State state) {
    Integer known = numbers.get(state);
    if (known != null) {
      return known;
    }
    int[] unknown = new int[256];
    Arrays.fill(unknown, UNKNOWN);
    numbers.put(state, states.size());
    states.add(state);
    next.add(unknown);
    return states.size() - 1;
  }

  /** Adds the stacks with a byte on top that a stack stands for; whether it may be nothing. */
  private boolean expand(Stack from, Set<Stack> into) {
    boolean accepts = false;
    Deque<Stack> open = new ArrayDeque<>();
    Set<Stack> met = new HashSet<>();
    Stack now = from;
    while (true) {
      if (now == null) {
        accepts = true;
      } else if (now.top() instanceof Grammar.Rule rule) {
        Stack rest = now.rest();
        for (List<Grammar.Element> alternative : grammar.alternatives(rule)) {
          if (alternative.isEmpty()) {
            if (rest == null) {
              accepts = true;
            } else if (met.add(rest)) {
              open.push(rest);
            }
          } else {
            Stack s = Stack.of(alternative, 0, rest);
            if (met.add(s)) {
              open.push(s);
            }
          }
        }
        if (met.size() > MOST_PLACES) {
          throw ambiguous();
        }
      } else {
        into.add(now);
      }
      if (open.isEmpty()) {
        return accepts;
      }
      now = open.pop();
    }
  }
}
