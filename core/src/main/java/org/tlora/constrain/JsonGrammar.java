/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.constrain;

import static org.tlora.constrain.Grammar.row;
import static org.tlora.constrain.Grammar.text;

import java.util.List;
import org.tlora.constrain.Grammar.Element;
import org.tlora.constrain.Grammar.OneByte;
import org.tlora.constrain.Grammar.Rule;

/**
 * JSON's rules (RFC 8259), in a grammar that others write rules into too. Between its parts stands
 * nothing, a space, or a line break with up to twenty spaces: a model that likes spaces would write
 * nothing else. Letters outside ASCII are whole UTF-8; halves of letters are not written.
 */
final class JsonGrammar {
  private static final ByteSet DIGITS = ByteSet.range('0', '9');
  private static final ByteSet HEX = DIGITS.or(ByteSet.ofLetters("abcdefABCDEF"));

  private final Grammar grammar;
  private final Rule space;
  private final Rule wide;
  private final Rule escaped;
  private final Rule letter;
  private final Rule string;
  private final Rule integer;
  private final Rule naturalNumber;
  private final Rule number;
  private final Rule value;
  private final Rule object;

  JsonGrammar(Grammar grammar) {
    this.grammar = grammar;
    List<Element> indent = grammar.times(one(ByteSet.ofLetters(" \t")), 0, 20);
    space = grammar.any(List.of(List.of(), text(" "), row(text("\n"), indent)));
    wide = grammar.any(wideLetters());
    escaped = grammar.any(escapes());
    ByteSet plain = ByteSet.range(0x20, 0x7f).without(ByteSet.ofLetters("\"\\"));
    letter = grammar.any(List.of(one(plain), List.of(wide), List.of(escaped)));
    string =
        grammar.any(
            List.of(row(text("\""), List.of(grammar.repeated(List.of(letter))), text("\""))));
    Rule natural =
        grammar.any(
            List.of(
                text("0"), row(one(ByteSet.range('1', '9')), grammar.times(one(DIGITS), 0, 15))));
    integer = grammar.any(List.of(row(List.of(minus()), List.of(natural))));
    Rule fraction = grammar.optional(row(text("."), grammar.times(one(DIGITS), 1, 16)));
    Rule exponent =
        grammar.optional(
            row(
                one(ByteSet.ofLetters("eE")),
                List.of(grammar.optional(one(ByteSet.ofLetters("+-")))),
                grammar.times(one(DIGITS), 1, 3)));
    naturalNumber = grammar.any(List.of(List.of(natural, fraction, exponent)));
    number = grammar.any(List.of(row(List.of(minus()), List.of(naturalNumber))));
    value = grammar.declare();
    object = objectOf(value);
    grammar.define(
        value,
        List.of(
            List.of(object),
            List.of(arrayOf(value, 0, -1)),
            List.of(string),
            List.of(number),
            text("true"),
            text("false"),
            text("null")));
  }

  /** JSON whose outermost value is an object. */
  static Grammar anyObject() {
    Grammar grammar = new Grammar();
    JsonGrammar json = new JsonGrammar(grammar);
    grammar.define(grammar.start(), List.of(List.of(json.space(), json.object())));
    return grammar;
  }

  private static List<Element> one(ByteSet set) {
    return List.of(new OneByte(set));
  }

  private Rule minus() {
    return grammar.optional(text("-"));
  }

  private List<List<Element>> wideLetters() {
    List<Element> more = one(ByteSet.range(0x80, 0xbf));
    return List.of(
        row(one(ByteSet.range(0xc2, 0xdf)), more),
        row(one(ByteSet.of(0xe0)), one(ByteSet.range(0xa0, 0xbf)), more),
        row(one(ByteSet.range(0xe1, 0xec).or(ByteSet.range(0xee, 0xef))), more, more),
        row(one(ByteSet.of(0xed)), one(ByteSet.range(0x80, 0x9f)), more),
        row(one(ByteSet.of(0xf0)), one(ByteSet.range(0x90, 0xbf)), more, more),
        row(one(ByteSet.range(0xf1, 0xf3)), more, more, more),
        row(one(ByteSet.of(0xf4)), one(ByteSet.range(0x80, 0x8f)), more, more));
  }

  private List<List<Element>> escapes() {
    List<Element> hex = one(HEX);
    ByteSet d = ByteSet.ofLetters("dD");
    return List.of(
        row(text("\\"), one(ByteSet.ofLetters("\"\\/bfnrt"))),
        row(text("\\u"), one(HEX.without(d)), hex, hex, hex),
        row(text("\\u"), one(d), one(ByteSet.range('0', '7')), hex, hex),
        row(
            text("\\u"),
            one(d),
            one(ByteSet.ofLetters("89abAB")),
            hex,
            hex,
            text("\\u"),
            one(d),
            one(ByteSet.ofLetters("cdefCDEF")),
            hex,
            hex));
  }

  /** What may stand between the parts of a value. */
  Rule space() {
    return space;
  }

  /** A letter outside ASCII. */
  Rule wide() {
    return wide;
  }

  /** A letter of a string, or an escape for one. */
  Rule letter() {
    return letter;
  }

  Rule string() {
    return string;
  }

  Rule integer() {
    return integer;
  }

  Rule number() {
    return number;
  }

  /** A number without a sign. */
  Rule naturalNumber() {
    return naturalNumber;
  }

  Rule value() {
    return value;
  }

  Rule object() {
    return object;
  }

  /** A string of some letters. */
  Rule stringOf(int least, int most) {
    return grammar.any(
        List.of(row(text("\""), grammar.times(List.of(letter), least, most), text("\""))));
  }

  /** An object of any keys with such values. */
  Rule objectOf(Element values) {
    List<Element> member = row(List.of(string, space), text(":"), List.of(space, values, space));
    List<Element> more = row(text(","), List.of(space), member);
    return grammar.any(
        List.of(
            row(text("{"), List.of(space), text("}")),
            row(text("{"), List.of(space), member, List.of(grammar.repeated(more)), text("}"))));
  }

  /**
   * An array of such values.
   *
   * @param most −1: any number
   */
  Rule arrayOf(Element values, int least, int most) {
    List<Element> item = List.of(values, space);
    List<Element> more = row(text(","), List.of(space), item);
    List<Element> some =
        row(
            text("["),
            List.of(space),
            item,
            grammar.times(more, Math.max(0, least - 1), most < 0 ? -1 : most - 1),
            text("]"));
    List<Element> none = row(text("["), List.of(space), text("]"));
    if (most == 0) {
      return grammar.any(List.of(none));
    }
    return grammar.any(least == 0 ? List.of(none, some) : List.of(some));
  }
}
