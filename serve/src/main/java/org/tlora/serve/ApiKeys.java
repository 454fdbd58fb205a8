/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.serve.api.ApiException;

/** The keys that clients may come with. Only their digests are held, and compared in one time. */
final class ApiKeys {
  private static final String BEARER = "Bearer ";

  private final List<byte[]> digests = new ArrayList<>();

  private ApiKeys() {}

  /** Nobody needs a key. */
  static ApiKeys none() {
    return new ApiKeys();
  }

  /**
   * Those of a file, one a line; empty lines and lines with {@code #} say nothing.
   *
   * @throws InputFault if it cannot be read or has none
   */
  static ApiKeys read(Path file) {
    ApiKeys keys = new ApiKeys();
    try {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        if (!line.isBlank() && !line.startsWith("#")) {
          keys.digests.add(digest(line.strip()));
        }
      }
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + e.getMessage(), e);
    }
    if (keys.digests.isEmpty()) {
      throw new InputFault(file + " has no key: write one a line");
    }
    return keys;
  }

  /**
   * Makes sure that a request may be answered.
   *
   * @param authorization the header, or null
   */
  void require(String authorization) {
    if (digests.isEmpty()) {
      return;
    }
    boolean bearer = authorization != null && authorization.startsWith(BEARER);
    byte[] given = digest(bearer ? authorization.substring(BEARER.length()).strip() : "");
    boolean known = false;
    for (byte[] digest : digests) {
      known |= MessageDigest.isEqual(digest, given);
    }
    if (!known) {
      throw new ApiException(
          401,
          "invalid_request_error",
          null,
          "invalid_api_key",
          bearer ? "the API key is not one of this server's" : "an API key is missing");
    }
  }

  private static byte[] digest(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
