/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 digests of what comes piece by piece, in hexadecimal. */
public final class Sha256 {
  private static final int BUFFER = 1 << 20;

  private final MessageDigest digest;

  /** A digest of nothing so far. */
  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The digest of a text in UTF-8. */
  public static String of(String text) {
    return new Sha256().add(text.getBytes(StandardCharsets.UTF_8)).hex();
  }

  /** The digest of a file's bytes. */
  public static String of(Path file) throws IOException {
    return new Sha256().add(file).hex();
  }

  /** Adds bytes. */
  public Sha256 add(byte[] bytes) {
    digest.update(bytes);
    return this;
  }

  /** Adds a file's bytes. */
  public Sha256 add(Path file) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return this;
  }

  /** The digest; nothing can be added any more. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
