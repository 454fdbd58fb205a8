/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.weight;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.tlora.engine.DType;
import org.tlora.engine.Int8Matrix;
import org.tlora.engine.Tensor;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;

/** The forms that a loaded model's weights can be brought to; a new one is a class and a line. */
public final class WeightForms {
  /** As they were loaded. */
  public static final String FLOAT = "float";

  /** Forms by name, each from a dense matrix, which is only read, and the compute type. */
  private static final Map<String, BiFunction<Tensor, DType, Weight>> FORMS =
      Map.of("int8", (dense, type) -> new CodedWeight(List.of(Int8Matrix.of(dense)), type));

  private WeightForms() {}

  /** Names, {@link #FLOAT} first. */
  public static List<String> names() {
    return Stream.concat(Stream.of(FLOAT), FORMS.keySet().stream().sorted()).toList();
  }

  /**
   * Makes sure that there is such a form.
   *
   * @throws UsageFault if there is none
   */
  public static void require(String name) {
    if (!name.equals(FLOAT)) {
      named(name);
    }
  }

  /**
   * A form by its name.
   *
   * @throws UsageFault if there is none, or it is {@link #FLOAT}, which is what weights are already
   */
  public static BiFunction<Tensor, DType, Weight> named(String name) {
    BiFunction<Tensor, DType, Weight> form = FORMS.get(name);
    if (form == null) {
      throw new UsageFault(
          "`weights` must be "
              + String.join(" or ", names())
              + ", not "
              + name
              + Nearest.question(name, names()));
    }
    return form;
  }
}
