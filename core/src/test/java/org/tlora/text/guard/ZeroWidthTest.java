/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.guard;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns that may match nothing are told from those that always take a character. */
class ZeroWidthTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\s+",
        " {2,}",
        "``",
        "''",
        "[\\n\\r\\t]",
        "^ +",
        " +$",
        "\\p{M}",
        "(?<=a)b",
        "(?:a|^b)",
        "(?i:'s|'t)",
        "\\bfoo\\b",
        "[^\\S]",
        "(?!x)y",
        "[a[bc]]+",
        "(a)(b?)",
        "\\[",
        "a{3}"
      })
  void aPatternThatTakesACharacterIsFine(String pattern) {
    assertFalse(ZeroWidth.isPossible(pattern));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a*",
        "a|",
        "\\b",
        "^",
        "$",
        "(?=a)",
        "(?<!a)",
        "a{0,3}",
        "(a*)*",
        "(?:)",
        "a?b?",
        // Ruby's syntax differs here, or it is not understood
        "a{2}?",
        "\\G",
        "a\\K",
        "(?~a)",
        "\\Qa\\E",
        "(?x: )",
        "a{,2}",
        "[",
        "(",
        "\\"
      })
  void onePatternThatMayMatchNothingIsFound(String pattern) {
    assertTrue(ZeroWidth.isPossible(pattern));
  }

  @Property
  void noEmptyMatchIsMissed(@ForAll("patterns") String pattern, @ForAll("texts") String text) {
    Matcher matcher;
    try {
      matcher = Pattern.compile(pattern).matcher(text);
    } catch (PatternSyntaxException e) {
      Assume.that(false);
      return;
    }
    while (matcher.find()) {
      if (matcher.start() == matcher.end()) {
        assertTrue(ZeroWidth.isPossible(pattern), pattern + " in " + text);
        return;
      }
    }
  }

  @Provide
  Arbitrary<String> patterns() {
    List<String> pieces =
        List.of(
            "a", "b", " ", "*", "+", "?", "|", "(", ")", "(?:", "(?=", "(?<=", "(?!", "^", "$",
            "\\b", "\\B", "[ab]", "[^a]", "{0,2}", "{2}", "\\s", "\\\\", "[\\]^]", "\\A", "\\z",
            ".");
    return Arbitraries.of(pieces).list().ofMaxSize(7).map(list -> String.join("", list));
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings().withChars("ab ]^\\").ofMaxLength(6);
  }
}
