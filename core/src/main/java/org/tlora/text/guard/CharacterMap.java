/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.guard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * The map of characters in a {@code Precompiled} normalizer, as SentencePiece writes it: the bytes
 * of a trie as a 32-bit number, the trie (a double array of 32-bit units), and the texts that its
 * leaves point to, each ended by a zero. The native library follows it without looking at bounds.
 */
final class CharacterMap {
  private final int[] units;
  private final ByteBuffer texts;

  private CharacterMap(int[] units, ByteBuffer texts) {
    this.units = units;
    this.texts = texts;
  }

  /** Whether every walk that a text can take ends inside. */
  static boolean isSound(String base64) {
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IllegalArgumentException e) {
      return false;
    }
    if (bytes.remaining() < 4) {
      return false;
    }
    long size = Integer.toUnsignedLong(bytes.getInt()) / 4 * 4;
    if (size < 4 || size > bytes.remaining()) {
      return false;
    }
    int[] units = new int[(int) (size / 4)];
    bytes.asIntBuffer().get(units);
    ByteBuffer texts = bytes.position(bytes.position() + (int) size).slice();
    return isText(texts.duplicate()) && new CharacterMap(units, texts).staysInside();
  }

  private static boolean isText(ByteBuffer bytes) {
    try {
      CharBuffer unused = StandardCharsets.UTF_8.newDecoder().decode(bytes);
      return unused != null;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** Visits every place that some text leads to. */
  private boolean staysInside() {
    BitSet seen = new BitSet(units.length);
    Deque<Integer> open = new ArrayDeque<>();
    open.add(offset(units[0]));
    while (!open.isEmpty()) {
      int place = open.remove();
      // the next byte of a text, any but zero, is added to the place without a carry
      if ((place | 0xFF) >= units.length) {
        return false;
      }
      if (seen.get(place)) {
        continue;
      }
      seen.set(place);
      for (int c = 1; c < 256; c++) {
        int unit = units[place ^ c];
        if ((unit & 0x800000FF) != c) {
          continue;
        }
        int next = place ^ c ^ offset(unit);
        boolean leaf = (unit >>> 8 & 1) == 1;
        if (leaf && (next >= units.length || !isStart(units[next] & 0x7FFFFFFF))) {
          return false;
        }
        open.add(next);
      }
    }
    return true;
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 0x200) >>> 6);
  }

  /** Whether a text can start at this byte. */
  private boolean isStart(int index) {
    return index == texts.limit() || (index < texts.limit() && (texts.get(index) & 0xC0) != 0x80);
  }
}
