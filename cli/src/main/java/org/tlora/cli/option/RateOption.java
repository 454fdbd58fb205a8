/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import org.tlora.train.TrainingOptions;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a learning rate: a number, or {@code auto}, which no number stands for. */
final class RateOption implements ITypeConverter<Double> {
  /** What is found by a range test. */
  static final String AUTO = "auto";

  private final NumberOption number = new NumberOption();

  @Override
  public Double convert(String text) {
    if (text.strip().equals(AUTO)) {
      return TrainingOptions.TO_BE_FOUND;
    }
    try {
      return number.convert(text);
    } catch (TypeConversionException e) {
      throw new TypeConversionException(
          e.getMessage().replace("must be a number", "must be auto or a number"));
    }
  }
}
