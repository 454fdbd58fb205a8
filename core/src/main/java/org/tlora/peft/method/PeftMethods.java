/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.method;

import java.util.List;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.peft.PeftMethod;

/** All methods. A new one is a class of its own and a line here. */
public final class PeftMethods {
  private static final List<PeftMethod> ALL =
      List.of(
          new FullFineTuning(),
          new Lora(),
          new RsLora(),
          new LoraPlus(),
          new AdaLora(),
          new Dora(),
          new Olora(),
          new Pissa(),
          new LoraGa(),
          new Corda(),
          new Eva(),
          new LoraOne(),
          new Gora(),
          new Tlora());

  private PeftMethods() {}

  /**
   * The method of that name.
   *
   * @throws UsageFault if there is none; the message lists those that are
   */
  public static PeftMethod named(String name) {
    return ALL.stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`method` "
                        + name
                        + " is not known; known are "
                        + String.join(", ", names())
                        + Nearest.question(name, names())));
  }

  /** All methods. */
  public static List<PeftMethod> all() {
    return ALL;
  }

  /** The names of all methods. */
  public static List<String> names() {
    return ALL.stream().map(PeftMethod::name).toList();
  }
}
