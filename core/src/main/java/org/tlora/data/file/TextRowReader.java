/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.function.Predicate;
import org.tlora.data.format.Row;
import org.tlora.format.Json;

/** Plain text: each line that is not blank is a row with the field {@code text}. */
final class TextRowReader implements RowReader {
  @Override
  public List<String> endings() {
    return List.of("txt", "text");
  }

  @Override
  public void read(DataFile file, InputStream bytes, RowSink sink, Predicate<String> wanted)
      throws IOException {
    Lines lines = new Lines(file, bytes);
    while (true) {
      try {
        String line = lines.next();
        if (line == null) {
          return;
        }
        if (!line.isBlank()) {
          sink.row(new Row(file.path(), lines.number(), Json.object().put("text", line)));
        }
      } catch (CharacterCodingException e) {
        sink.bad(lines.where(), "is not UTF-8 text");
      }
    }
  }
}
