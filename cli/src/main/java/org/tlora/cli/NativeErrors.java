package org.tlora.cli;

import org.tlora.fault.Fault;
import org.tlora.fault.RunFault;

/** Turns what comes out of the native libraries into faults that say what to do. */
final class NativeErrors {
  private NativeErrors() {}

  /** The fault for an unexpected exception. */
  static Fault explain(Exception e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("DefaultCPUAllocator") || message.contains("alloc_cpu")) {
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
