/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.pretrained;

import java.util.List;
import org.tlora.engine.DType;
import org.tlora.engine.WeightStore;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.quantise.Rounding;
import org.tlora.vector.Loops;

/**
 * What a base's matrices are held in.
 *
 * @param asStored whether codes of the files stay codes
 * @param rounding what the layers' matrices are rounded to on loading, or null
 */
public record BaseWeights(boolean asStored, Rounding rounding) {
  /** Codes as they are in the files, numbers as numbers. */
  public static final BaseWeights AS_STORED = new BaseWeights(true, null);

  /** Numbers in the type that is computed in. */
  public static final BaseWeights DENSE = new BaseWeights(false, null);

  /** Left to the program, where a model is only run. */
  public static final String AUTO = "auto";

  private static final String STORED = "as-stored";
  private static final String NUMBERS = "dense";

  /** A matrix that is rounded is no code of the files any more. */
  public BaseWeights {
    if (rounding != null && asStored) {
      throw new IllegalArgumentException("rounded, and as stored");
    }
  }

  /** The forms that are named, for a base that is trained on. */
  public static List<String> forms() {
    return List.of(STORED, NUMBERS);
  }

  /** What its matrices can be rounded to, by the names that {@link #of} takes. */
  public static List<String> roundings() {
    return Rounding.labels();
  }

  /**
   * What a user asks for.
   *
   * @param form as-stored or dense
   * @param quantize a {@link Rounding}'s name, or null
   * @throws UsageFault if there is no such thing
   */
  public static BaseWeights of(String form, String quantize) {
    if (!forms().contains(form)) {
      throw new UsageFault(
          "`baseWeights` must be "
              + String.join(" or ", forms())
              + ", not "
              + form
              + Nearest.question(form, forms()));
    }
    if (quantize != null) {
      return new BaseWeights(false, Rounding.named(quantize));
    }
    return form.equals(STORED) ? AS_STORED : DENSE;
  }

  /**
   * What a user asks for who only runs a model.
   *
   * @param form as {@link #of} takes it, or auto: codes where products are formed with them as they
   *     are, numbers where they would have to be brought back for each
   * @param converted whether numbers are brought to another form once they are loaded
   */
  public static BaseWeights toRun(String form, String quantize, boolean converted) {
    boolean codes = Loops.fastest().isVector() && !converted;
    return of(form.equals(AUTO) ? codes ? STORED : NUMBERS : form, quantize);
  }

  /** A store whose layers' matrices come in this form. */
  WeightStore of(WeightStore store, DType type, String where) {
    if (rounding != null) {
      return new RoundedWeights(store, rounding, type, where);
    }
    return asStored ? store : new DenseWeights(store);
  }

  @Override
  public String toString() {
    return rounding != null ? rounding.label() : asStored ? STORED : NUMBERS;
  }
}
