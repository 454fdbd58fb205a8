/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.loading;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Processor;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;

/** What a user says of types and devices. */
public final class MachineChoice {
  /** Stands for what suits the machine, or the files. */
  public static final String AUTO = "auto";

  private static final List<DType> COMPUTED = List.of(DType.FLOAT32, DType.BFLOAT16);
  private static final List<DType> STORED = List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16);

  private MachineChoice() {}

  /**
   * The type to compute in; auto: bfloat16 where the processor is fast at it.
   *
   * @throws UsageFault if it is none
   */
  public static DType computeType(String name) {
    return name.equals(AUTO) ? Processor.detect().computeType() : among(COMPUTED, name);
  }

  /**
   * The type to store weights as.
   *
   * @param own of auto
   * @throws UsageFault if it is none
   */
  public static DType storedType(String name, DType own) {
    return name.equals(AUTO) ? own : among(STORED, name);
  }

  private static DType among(List<DType> types, String name) {
    return types.stream()
        .filter(t -> word(t).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageFault(
                    "`dtype` "
                        + name
                        + " is not known; known are "
                        + String.join(", ", names(types))
                        + Nearest.question(name, names(types))));
  }

  /** What {@link #computeType} takes. */
  public static List<String> computeTypes() {
    return names(COMPUTED);
  }

  private static List<String> names(List<DType> types) {
    return Stream.concat(Stream.of(AUTO), types.stream().map(MachineChoice::word)).toList();
  }

  private static String word(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Where to load a model to.
   *
   * @throws UsageFault if build or machine has no such device
   */
  public static Device device(String name) {
    try {
      return Device.named(name);
    } catch (UsageFault e) {
      throw new UsageFault("`device` " + e.getMessage(), e);
    }
  }
}
