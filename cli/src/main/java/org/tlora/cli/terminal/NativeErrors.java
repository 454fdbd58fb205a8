/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import org.tlora.engine.NativeMemory;
import org.tlora.fault.Fault;
import org.tlora.fault.RunFault;

/** Turns what comes out of the native libraries into faults that say what to do. */
public final class NativeErrors {
  private NativeErrors() {}

  /** The fault for a Java heap that is too small. */
  public static Fault explain(OutOfMemoryError e) {
    return new RunFault(
        "out of Java heap ("
            + Runtime.getRuntime().maxMemory() / 1_000_000
            + " MB): set TLORA_JAVA_OPTIONS=-Xmx with more, such as -Xmx4g",
        e);
  }

  /** The fault for libraries that cannot be loaded. */
  public static Fault explain(ExceptionInInitializerError e) {
    if (e.getCause() instanceof Fault fault) {
      return fault;
    }
    return new RunFault("unexpected failure: " + e.getCause() + " (--debug shows it)", e);
  }

  /** The fault for an unexpected exception. */
  public static Fault explain(Exception e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof RuntimeException unexpected && NativeMemory.isExhausted(unexpected)) {
      return new RunFault(
          "out of native memory: lower --micro-batch-size or --cutoff-length, or add"
              + " --gradient-checkpointing",
          e);
    }
    String first = message.lines().findFirst().orElse("");
    return new RunFault(
        "unexpected failure: "
            + e.getClass().getSimpleName()
            + ": "
            + first
            + " (--debug shows the stack trace)",
        e);
  }
}
