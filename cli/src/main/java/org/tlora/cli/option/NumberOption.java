/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.util.regex.Pattern;
import org.tlora.fault.Float32;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the numbers of all options: those that are infinite, none, or beyond float32 are refused.
 */
public final class NumberOption implements ITypeConverter<Double> {
  private static final Pattern ZERO = Pattern.compile("[+-]?[0.]*([eE].*)?[dDfF]?");

  @Override
  public Double convert(String text) {
    double number;
    try {
      number = Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw new TypeConversionException("must be a number, not '" + text + "'");
    }
    boolean lost = number == 0 && !ZERO.matcher(text.strip()).matches(); // such as 1e-400
    if (lost || !Float32.holds(number)) {
      throw new TypeConversionException(
          "must be a number that float32 can hold (0, or from 1.2e-38 to 3.4e38), not '"
              + text
              + "'");
    }
    return number;
  }
}
