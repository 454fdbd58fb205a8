/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.tlora.fault.InputFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.train.RateTest;

/**
 * The learning rate that a range test speaks for: a tenth of the one at which the mean loss was
 * least. There it has just stopped to fall, since single steps have become too long; the rate of a
 * whole run has to be well below.
 *
 * @param isClear whether the curve says so, rather than nothing
 * @param why in words, for people
 */
record RateChoice(double rate, boolean isClear, String why) {
  /** The name of the file that a choice is kept in. */
  static final String FILE = "learning-rate.json";

  private static final double USUAL = 2e-4; // where the curve says nothing
  private static final double BELOW = 10;
  private static final double FALL = 0.02; // of the loss, at least, to be one
  private static final int FLAT = 10; // first steps, whose rates change next to nothing

  static RateChoice of(List<RateTest.Point> curve) {
    if (curve.size() <= FLAT) {
      return unclear("the loss is not finite, or far too large, after " + curve.size() + " steps");
    }
    double first = curve.subList(0, FLAT).stream().mapToDouble(RateTest.Point::loss).sum() / FLAT;
    double variance = 0; // of single batches; the mean differs by a third as much
    for (RateTest.Point p : curve.subList(0, FLAT)) {
      variance += (p.loss() - first) * (p.loss() - first) / (FLAT - 1);
    }
    RateTest.Point least = curve.get(0);
    for (RateTest.Point p : curve) {
      least = p.mean() < least.mean() ? p : least;
    }
    if (!(first - least.mean() > Math.max(FALL * first, Math.sqrt(variance)))) {
      return unclear(
          String.format(
              Locale.ROOT,
              "the loss did not fall by more than batches differ: %.4f, %.4f at best",
              first,
              least.mean()));
    }
    double rate = rounded(least.rate() / BELOW);
    boolean ended = least.equals(curve.get(curve.size() - 1)) && curve.size() == RateTest.STEPS;
    String fell =
        String.format(
            Locale.ROOT,
            "a tenth of %.2g, where the loss was least (%.4f, from %.4f)",
            least.rate(),
            least.mean(),
            first);
    return new RateChoice(rate, !ended, ended ? fell + " and still fell" : fell);
  }

  private static RateChoice unclear(String why) {
    return new RateChoice(USUAL, false, why + "; the usual rate is taken");
  }

  /** So that it can be written and read as it is. */
  private static double rounded(double rate) {
    return new BigDecimal(rate).round(new MathContext(2)).doubleValue();
  }

  /** What is said of it. */
  String line() {
    return (isClear ? "" : "warning: the range test gives no clear answer: ")
        + "learning rate "
        + rate
        + ": "
        + why;
  }

  /** Writes it with the curve that it was told by. */
  void write(Path directory, List<RateTest.Point> curve, int rows, int rowsOfStep) {
    ObjectNode json = Json.object().put("learning_rate", rate).put("clear", isClear);
    json.put("why", why).put("rows", rows).put("batch_size", rowsOfStep);
    ArrayNode rates = json.putArray("rates");
    ArrayNode losses = json.putArray("losses");
    ArrayNode means = json.putArray("smoothed_losses");
    for (RateTest.Point p : curve) {
      rates.add(p.rate());
      losses.add(p.loss());
      means.add(p.mean());
    }
    AtomicFiles.writeText(directory.resolve(FILE), Json.pretty(json));
  }

  /**
   * The rate that an earlier run here has found.
   *
   * @return nothing where there is no such file
   * @throws InputFault if the file is damaged
   */
  static OptionalDouble read(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return OptionalDouble.empty();
    }
    JsonNode rate = Json.readObject(file).path("learning_rate");
    if (!rate.isNumber() || !(rate.asDouble() > 0)) {
      throw new InputFault(file + " names no learning rate above 0");
    }
    return OptionalDouble.of(rate.asDouble());
  }
}
