/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.tlora.fault.InputFault;

/** Lines of UTF-8 text, of bounded length, each checked by itself. */
final class Lines {
  private static final int MOST_BYTES = 1 << 28;
  private static final int BLOCK = 1 << 16;
  private static final int FIRST_BUFFER = 1 << 12;

  private final DataFile file;
  private final InputStream in;
  private final byte[] block = new byte[BLOCK]; // as it came
  private int at; // what of the block is not taken yet
  private int end;
  private byte[] buffer = new byte[FIRST_BUFFER]; // a line
  private long number;

  Lines(DataFile file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /** The number of the last line, from 1. */
  long number() {
    return number;
  }

  /** Names the last line in messages. */
  String where() {
    return file.name() + ", row " + number;
  }

  /**
   * The next line without its end, or null.
   *
   * @throws CharacterCodingException if it is not UTF-8; the next call goes on behind it
   */
  String next() throws IOException {
    if (at == end && !fill()) {
      return null;
    }
    number++;
    int length = 0;
    boolean ended = false;
    while (!ended && (at < end || fill())) {
      int from = at;
      while (at < end && block[at] != '\n') {
        at++;
      }
      ended = at < end;
      length = append(length, from, at);
      at += ended ? 1 : 0;
    }
    if (length > 0 && buffer[length - 1] == '\r') {
      length--;
    }
    return text(length);
  }

  private boolean fill() throws IOException {
    at = 0;
    end = Math.max(0, in.read(block));
    return end > 0;
  }

  private int append(int length, int from, int to) {
    int longer = length + to - from;
    if (longer > MOST_BYTES) {
      throw new InputFault(where() + " is longer than 256 MiB: is this a file of rows?");
    }
    if (longer > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(longer, 2 * buffer.length));
    }
    System.arraycopy(block, from, buffer, length, to - from);
    return longer;
  }

  /** The lenient way is several times as fast, and marks what is wrong. */
  private String text(int length) throws CharacterCodingException {
    String text = new String(buffer, 0, length, StandardCharsets.UTF_8);
    return text.indexOf('\uFFFD') < 0
        ? text
        : strict().decode(ByteBuffer.wrap(buffer, 0, length)).toString();
  }

  /** UTF-8 characters of a stream, for readers that divide it themselves. */
  static Reader characters(InputStream in) {
    return new InputStreamReader(in, strict());
  }

  private static CharsetDecoder strict() {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
  }
}
