/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Which version this library is: the build writes it into {@code version.txt}. */
public final class LibraryVersion {
  private static final String FILE = "/org/tlora/card/version.txt";

  private LibraryVersion() {}

  /** Its number; empty where it was not built by the build. */
  public static String text() {
    try (InputStream in = LibraryVersion.class.getResourceAsStream(FILE)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
