/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import java.util.Locale;
import org.tlora.engine.Engine;
import org.tlora.engine.Processor;

/** This machine, in a few words; {@code doctor} has more of them. */
final class MachineLook {
  private MachineLook() {}

  static void into(Facts facts) {
    Processor processor = Processor.detect();
    String type = processor.computeType().name().toLowerCase(Locale.ROOT);
    facts.json().put("kind", "machine").put("processor", processor.model());
    facts.json().put("threads", Engine.threads()).put("blas", Engine.blas());
    facts.json().put("instruction_set", Engine.cpuCapability()).put("compute_type", type);
    facts.line("machine", processor.model());
    facts.line("threads", "" + Engine.threads());
    facts.line("BLAS", Engine.blas());
    facts.line("instruction set", Engine.cpuCapability());
    facts.line("computes in", type);
    facts.line("more", "tlora doctor");
  }
}
