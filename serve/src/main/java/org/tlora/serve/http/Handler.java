/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.http;

import java.io.IOException;

/** Answers requests, in any number of threads. */
public interface Handler {
  /**
   * Answers one.
   *
   * @throws IOException if the client is gone
   */
  void handle(Exchange exchange) throws IOException;
}
