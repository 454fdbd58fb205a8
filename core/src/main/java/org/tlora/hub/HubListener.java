/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.util.function.LongConsumer;

/** Is told how downloads or uploads go. */
public interface HubListener {
  /** Nobody listens. */
  HubListener NONE =
      new HubListener() {
        @Override
        public LongConsumer onFile(String what, long bytes) {
          return n -> {};
        }

        @Override
        public void onFileDone(String what) {}
      };

  /**
   * A file begins.
   *
   * @param bytes its size, or −1 if that is not known
   * @return takes the number of bytes that have come since the last call, fewer than none where
   *     some must be sent again; from any thread
   */
  LongConsumer onFile(String what, long bytes);

  /** It is whole. */
  void onFileDone(String what);
}
