/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.engine;

import java.util.stream.Stream;

/** What libtorch says when the system has no more memory for a tensor. */
public final class NativeMemory {
  private NativeMemory() {}

  /** Whether an exception out of a native library means that memory did not suffice. */
  public static boolean isExhausted(RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    return Stream.of("DefaultCPUAllocator", "alloc_cpu", "bad_alloc", "could not create a memory")
        .anyMatch(message::contains);
  }
}
