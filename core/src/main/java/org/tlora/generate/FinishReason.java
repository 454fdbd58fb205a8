/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

/** Why a generation ended. */
public enum FinishReason {
  /** A token that ends texts, or a stop word. */
  STOP,
  /** As many tokens as were asked for. */
  LENGTH,
  /** Somebody cancelled it. */
  CANCELLED
}
