/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.io.IOException;

/** Another process, as the first one sees it. */
final class Member {
  final int rank;
  private final Wire wire;
  private long heard = System.nanoTime();
  private long changed = heard;
  private Pulse pulse = Pulse.START;
  private boolean gone;

  Member(int rank, Wire wire) {
    this.rank = rank;
    this.wire = wire;
  }

  synchronized void heard(Pulse now) {
    heard = System.nanoTime();
    if (!now.equals(pulse)) {
      pulse = now;
      changed = heard;
    }
  }

  /** It needs the others no more. */
  synchronized void leaves() {
    gone = true;
  }

  synchronized boolean isGone() {
    return gone;
  }

  synchronized Pulse pulse() {
    return pulse;
  }

  /** Nanoseconds since anything was heard of it. */
  synchronized long silent() {
    return System.nanoTime() - heard;
  }

  /** Nanoseconds since it got anything done. */
  synchronized long still() {
    return System.nanoTime() - changed;
  }

  String read() throws IOException {
    return wire.read();
  }

  /** Tells it something; where that fails, its own silence says more. */
  void tell(String line) {
    try {
      wire.write(line);
    } catch (IOException e) {
      // whoever reads from it learns that it is gone
    }
  }

  /** Tells it nothing more. */
  void finish() {
    wire.finish();
  }

  void close() {
    wire.close();
  }
}
