/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Which version this program is: the build writes it into {@code version.txt}. */
public final class ProgramVersion {
  private static final String FILE = "/org/tlora/cli/version.txt";

  private ProgramVersion() {}

  /** As {@code --version} says it, without the name. */
  public static String text() {
    try (InputStream in = ProgramVersion.class.getResourceAsStream(FILE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
