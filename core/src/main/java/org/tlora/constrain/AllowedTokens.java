/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.generate.Constraint;

/**
 * Which tokens of a vocabulary can come next, for texts of a grammar. What was found out for one
 * text is known for the next, so that one of these serves all texts of its grammar, in any number
 * of threads.
 */
public final class AllowedTokens {
  /** So many states are remembered. */
  private static final int MOST_STATES = 4096;

  /** For so many of them it is remembered what can come, with a bit for every token. */
  private static final int MOST_ANSWERS = 512;

  private final Grammar grammar;
  private final Vocabulary vocabulary;
  private final Set<Integer> ends;
  private final Map<Integer, BitSet> allowed = new HashMap<>();
  private Automaton automaton;

  /**
   * Those of a grammar.
   *
   * @param ends tokens that end a text, which may come where it may end
   */
  public AllowedTokens(Grammar grammar, Vocabulary vocabulary, Set<Integer> ends) {
    this.grammar = grammar;
    this.automaton = new Automaton(grammar);
    this.ends = Set.copyOf(ends);
    this.vocabulary = vocabulary;
  }

  /** What one text may be made of. */
  public Constraint constraint() {
    return new OfText();
  }

  private final class OfText implements Constraint {
    private Automaton own; // the states are its
    private int state;

    OfText() {
      synchronized (AllowedTokens.this) {
        own = automaton;
        state = own.start();
      }
    }

    @Override
    public void restrict(float[] logits) {
      synchronized (AllowedTokens.this) {
        BitSet may = own == automaton ? allowed(state) : found(own, state);
        int tokensAllowed = 0;
        for (int i = 0; i < logits.length; i++) {
          if (may.get(i)) {
            tokensAllowed++;
          } else {
            logits[i] = Float.NEGATIVE_INFINITY;
          }
        }
        if (tokensAllowed == 0) {
          throw new InputFault(
              "the schema cannot be held to: the model has no token that it allows");
        }
      }
    }

    @Override
    public void accept(int token) {
      synchronized (AllowedTokens.this) {
        if (ends.contains(token)) {
          return;
        }
        for (byte b : vocabulary.tokens()[token]) {
          state = own.step(state, b & 255);
        }
      }
    }

    @Override
    public boolean isDone() {
      synchronized (AllowedTokens.this) {
        return own.isFinal(state);
      }
    }
  }

  private BitSet allowed(int state) {
    BitSet known = allowed.get(state);
    if (known == null) {
      known = found(automaton, state);
      if (allowed.size() >= MOST_ANSWERS) {
        allowed.clear();
      }
      allowed.put(state, known);
      if (automaton.size() > MOST_STATES) { // texts that go on have the old one
        automaton = new Automaton(grammar);
        allowed.clear();
      }
    }
    return known;
  }

  /** Goes through the vocabulary in order; what a prefix rules out is passed over. */
  private BitSet found(Automaton of, int from) {
    byte[][] tokens = vocabulary.tokens();
    int[] order = vocabulary.order();
    int[] common = vocabulary.common();
    BitSet may = new BitSet(tokens.length);
    int[] states = new int[64]; // behind each byte of the last token
    int valid = 0; // bytes of the last token that lead somewhere
    for (int i = 0; i < order.length; i++) {
      byte[] bytes = tokens[order[i]];
      if (common[i] > valid) {
        continue; // fails where the one before it failed
      }
      if (bytes.length > states.length) {
        states = Arrays.copyOf(states, 2 * bytes.length);
      }
      int at = common[i];
      int state = at == 0 ? from : states[at - 1];
      while (at < bytes.length && state != Automaton.DEAD) {
        state = of.step(state, bytes[at] & 255);
        if (state != Automaton.DEAD) {
          states[at] = state;
          at++;
        }
      }
      valid = at;
      if (at == bytes.length) {
        may.set(order[i]);
      }
    }
    boolean mayEnd = of.accepts(from);
    ends.forEach(end -> may.set(end, mayEnd)); // whatever text they have
    return may;
  }
}
