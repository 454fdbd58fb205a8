/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTextTest {
  @Test
  void whatCommandsATerminalOrTurnsLettersRoundIsWrittenOut() {
    assertEquals("a\\u001b[31m\tb\né😀", PrintableText.of("a\u001b[31m\tb\né😀"));
    assertEquals("\\u202eabc\\u2069\\u000d", PrintableText.of("\u202eabc\u2069\r"));
  }

  @Test
  void aLineHasSoManyLettersWhateverTheyAreMadeOf() {
    assertEquals("a b c", PrintableText.line(" a\n\nb\t c ", 5));
    assertEquals("😀😀…", PrintableText.line("😀😀😀😀", 3));
    assertEquals("😀😀😀", PrintableText.line("😀😀😀", 3));
  }
}
