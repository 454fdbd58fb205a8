/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.http;

/** Something that listens for requests. */
public interface WebServer extends AutoCloseable {
  /** The port that it listens on. */
  int port();

  /** Ends all connections. */
  @Override
  void close();
}
