/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.api;

/** What single tokens stand for. */
public interface TokenTexts {
  /** The bytes of a token; a special one's are those of its name. */
  byte[] bytes(int token);
}
