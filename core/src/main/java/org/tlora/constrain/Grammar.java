/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;

/**
 * A context-free grammar over bytes. A rule is any of its alternatives, which are elements in a
 * row; rule 0 is what all begins with. Not safe for threads while it is written.
 */
public final class Grammar {
  /** What an alternative is made of. */
  public sealed interface Element permits OneByte, Rule {}

  /** A byte of a set. */
  public record OneByte(ByteSet set) implements Element {}

  /** Whatever a rule may be. */
  public record Rule(int index) implements Element {}

  /** A larger one is somebody's mistake, or worse. */
  private static final int MOST_RULES = 200_000;

  private final List<List<List<Element>>> rules = new ArrayList<>();

  /** A grammar whose rule 0 is still to be {@linkplain #define defined}. */
  public Grammar() {
    declare();
  }

  /**
   * A rule that is defined later.
   *
   * @throws InputFault if there are too many
   */
  public Rule declare() {
    requireSize(rules.size());
    rules.add(null);
    return new Rule(rules.size() - 1);
  }

  private static void requireSize(long size) {
    if (size > MOST_RULES) {
      throw new InputFault("the schema cannot be held to: it is too large, or repeats too much");
    }
  }

  /** The first rule. */
  public Rule start() {
    return new Rule(0);
  }

  /** Says what a declared rule may be. */
  public void define(Rule rule, List<List<Element>> alternatives) {
    rules.set(rule.index(), alternatives.stream().map(List::copyOf).toList());
  }

  /** The alternatives of a rule. */
  List<List<Element>> alternatives(Rule rule) {
    return rules.get(rule.index());
  }

  /** Any of these. */
  public Rule any(List<List<Element>> alternatives) {
    Rule rule = declare();
    define(rule, alternatives);
    return rule;
  }

  /** Any of these single elements. */
  public Rule anyOf(List<? extends Element> alternatives) {
    return any(alternatives.stream().map(e -> List.<Element>of(e)).toList());
  }

  /** This or nothing. */
  public Rule optional(List<Element> what) {
    return any(List.of(what, List.of()));
  }

  /** This as often as one likes. */
  public Rule repeated(List<Element> what) {
    Rule rule = declare();
    List<Element> more = new ArrayList<>(what);
    more.add(rule);
    define(rule, List.of(more, List.of()));
    return rule;
  }

  /**
   * This so many times.
   *
   * @param most −1: any number
   */
  public List<Element> times(List<Element> what, int least, int most) {
    requireSize((long) what.size() * Math.max(least, most));
    List<Element> all = new ArrayList<>();
    for (int i = 0; i < least; i++) {
      all.addAll(what);
    }
    if (most < 0) {
      all.add(repeated(what));
      return all;
    }
    Rule rest = null;
    for (int i = least; i < most; i++) {
      List<Element> more = new ArrayList<>(what);
      if (rest != null) {
        more.add(rest);
      }
      rest = optional(more);
    }
    if (rest != null) {
      all.add(rest);
    }
    return all;
  }

  /** A text in UTF-8. */
  public static List<Element> text(String text) {
    List<Element> all = new ArrayList<>();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      all.add(new OneByte(ByteSet.of(b & 255)));
    }
    return all;
  }

  /** All of these in a row. */
  @SafeVarargs
  public static List<Element> row(List<Element>... parts) {
    List<Element> all = new ArrayList<>();
    for (List<Element> part : parts) {
      all.addAll(part);
    }
    return all;
  }
}
