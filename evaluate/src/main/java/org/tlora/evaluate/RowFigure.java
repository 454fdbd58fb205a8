/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.stream.IntStream;
import org.tlora.evaluate.task.Metric;
import org.tlora.format.Json;

/**
 * What a figure over rows is made of, so that it can be taken over others of them, some of which
 * come several times.
 */
public sealed interface RowFigure {
  /** How many there are. */
  int rows();

  /**
   * The figure over some rows.
   *
   * @param rows their places
   */
  double of(int[] rows);

  /** The figure over all. */
  default double ofAll() {
    return of(IntStream.range(0, rows()).toArray());
  }

  /** For {@link #of(JsonNode)}. */
  ObjectNode toJson();

  /**
   * Σ weight · value / Σ weight.
   *
   * @param values of each row
   * @param weights of each row, not negative
   */
  record Mean(double[] values, double[] weights) implements RowFigure {
    /** The mean of values that weigh the same. */
    public static Mean of(double[] values) {
      return new Mean(values, IntStream.range(0, values.length).mapToDouble(i -> 1).toArray());
    }

    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public double of(int[] rows) {
      double sum = 0;
      double weight = 0;
      for (int i : rows) {
        sum += weights[i] * values[i];
        weight += weights[i];
      }
      return sum / weight;
    }

    @Override
    public ObjectNode toJson() {
      ObjectNode json = Json.object();
      put(json.putArray("values"), values);
      put(json.putArray("weights"), weights);
      return json;
    }
  }

  /**
   * A metric of labels.
   *
   * @param truth class numbers or values
   * @param said the same, by a model
   */
  record OfLabels(Metric metric, double[] truth, double[] said) implements RowFigure {
    @Override
    public int rows() {
      return truth.length;
    }

    @Override
    public double of(int[] rows) {
      double[] t = new double[rows.length];
      double[] s = new double[rows.length];
      for (int i = 0; i < rows.length; i++) {
        t[i] = truth[rows[i]];
        s[i] = said[rows[i]];
      }
      return metric.of(t, s);
    }

    @Override
    public ObjectNode toJson() {
      ObjectNode json = Json.object().put("metric", metric.label());
      put(json.putArray("truth"), truth);
      put(json.putArray("said"), said);
      return json;
    }
  }

  /** One that {@link #toJson} gave. */
  static RowFigure of(JsonNode json) {
    return json.has("metric")
        ? new OfLabels(
            Metric.valueOf(json.path("metric").asText().toUpperCase(Locale.ROOT)),
            numbers(json.path("truth")),
            numbers(json.path("said")))
        : new Mean(numbers(json.path("values")), numbers(json.path("weights")));
  }

  private static void put(ArrayNode to, double[] values) {
    for (double v : values) {
      to.add(v);
    }
  }

  private static double[] numbers(JsonNode array) {
    double[] all = new double[array.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = array.get(i).asDouble();
    }
    return all;
  }
}
