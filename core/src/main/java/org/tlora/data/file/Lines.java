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
import org.tlora.fault.InputFault;

/** Lines of UTF-8 text, of bounded length, each checked by itself. */
final class Lines {
  private static final int MOST_BYTES = 1 << 28;
  private static final int FIRST_BUFFER = 1 << 12;

  private final DataFile file;
  private final InputStream in;
  private byte[] buffer = new byte[FIRST_BUFFER];
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
    int length = 0;
    int b = in.read();
    if (b < 0) {
      return null;
    }
    number++;
    while (b >= 0 && b != '\n') {
      if (length == buffer.length) {
        if (length >= MOST_BYTES) {
          throw new InputFault(where() + " is longer than 256 MiB: is this a file of rows?");
        }
        buffer = java.util.Arrays.copyOf(buffer, 2 * length);
      }
      buffer[length++] = (byte) b;
      b = in.read();
    }
    if (length > 0 && buffer[length - 1] == '\r') {
      length--;
    }
    return strict().decode(ByteBuffer.wrap(buffer, 0, length)).toString();
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
