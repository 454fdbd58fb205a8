/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** A request and its answer; used by the thread that handles it, but for {@link #cut}. */
public interface Exchange {
  /** GET, POST and so on. */
  String method();

  /** The path, decoded, without the query. */
  String path();

  /** What stands behind the question mark, as it was sent; or null. */
  String query();

  /** A header's first value, or null. */
  String header(String name);

  /** What was sent with it. */
  InputStream body();

  /**
   * Begins an answer whose length is not known; what is written to it leaves when it is flushed.
   *
   * @param headers beside the usual ones
   * @throws IOException if the client is gone
   */
  OutputStream begin(int status, Map<String, String> headers) throws IOException;

  /**
   * Answers as a whole.
   *
   * @throws IOException if the client is gone
   */
  void answer(int status, Map<String, String> headers, byte[] content) throws IOException;

  /** Whether an answer was begun. */
  boolean isBegun();

  /** Ends the connection; any thread may, and whoever reads or writes on it fails. */
  void cut();
}
