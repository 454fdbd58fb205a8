/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.format.Yaml;

/** The YAML at the top of a README, between two lines of dashes. */
final class FrontMatter {
  /** A README that is longer is nobody's metadata. */
  private static final int MOST_BYTES = 1 << 20;

  private static final String FENCE = "---";

  private FrontMatter() {}

  /** The line that ends it, where it begins with the first; −1 where there is none. */
  static int end(List<String> lines) {
    if (lines.isEmpty() || !lines.get(0).strip().equals(FENCE)) {
      return -1;
    }
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).stripTrailing().equals(FENCE)) {
        return i;
      }
    }
    return -1;
  }

  /** The metadata of a README that somebody else may have written; empty where none are read. */
  static ObjectNode ofOther(Path readme) {
    try (InputStream in = Files.newInputStream(readme)) {
      String text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
      List<String> lines = text.lines().toList();
      int end = end(lines);
      return end < 0
          ? Json.object()
          : Yaml.parse(String.join("\n", lines.subList(1, end)), readme.toString());
    } catch (IOException | InputFault e) {
      return Json.object(); // it is another's, and what it says is not known then
    }
  }
}
