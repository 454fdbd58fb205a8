/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.model.DecoderConfig.RopeConfig;
import org.tlora.model.RopeScaling;

/**
 * Reads rotary embeddings of a config.json with the precedence of transformers 5: {@code
 * rope_scaling} where it is there, or else {@code rope_parameters}; what that does not say, the
 * fields beside it say ({@code rope_theta}, {@code partial_rotary_factor}), or else the family's
 * own values hold. {@code original_max_position_embeddings} beside it comes before the one in it.
 */
final class Ropes {
  private static final String OLD = "rope_scaling";
  private static final String NEW = "rope_parameters";
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";
  private static final Set<String> OF_ALL =
      Set.of("rope_type", "type", "rope_theta", "partial_rotary_factor");

  /** What each type reads. */
  private static final Map<String, Set<String>> KEYS =
      Map.of(
          "default",
          Set.of(),
          "linear",
          Set.of("factor"),
          "llama3",
          Set.of("factor", "low_freq_factor", "high_freq_factor", ORIGINAL),
          "yarn",
          Set.of(
              "factor",
              ORIGINAL,
              "attention_factor",
              "beta_fast",
              "beta_slow",
              "mscale",
              "mscale_all_dim",
              "truncate"),
          "longrope",
          Set.of("factor", "short_factor", "long_factor", "attention_factor", ORIGINAL));

  private final HubConfig c;
  private final RopeRules rules;
  private final int maxPositions;

  Ropes(HubConfig c, RopeRules rules, int maxPositions) {
    this.c = c;
    this.rules = rules;
    this.maxPositions = maxPositions;
  }

  /** The embedding that all layers share. */
  RopeConfig shared(int headDim) {
    ObjectNode old = object(OLD);
    ObjectNode now = object(NEW);
    String place = old.isEmpty() ? NEW : OLD;
    ObjectNode values = old.isEmpty() ? now : old;
    if (!old.isEmpty() && !now.isEmpty() && !old.equals(now)) {
      c.notice(NEW + " is not used beside " + OLD + ", as in transformers");
    }
    values
        .properties()
        .forEach(
            e -> {
              if (e.getValue().isObject()) {
                throw new InputFault(
                    c.where()
                        + ": "
                        + place
                        + " are for kinds of layers ("
                        + e.getKey()
                        + "), which this architecture does not tell apart");
              }
            });
    double theta = values.path("rope_theta").asDouble(c.number("rope_theta", rules.theta()));
    return read(values, place, theta, headDim, true);
  }

  /** The embedding of layers that see everything, where those with a window have another. */
  RopeConfig ofFull(int headDim, double fallback) {
    ObjectNode values = ofKind(FULL);
    if (object(NEW).isEmpty()) {
      values.put("rope_type", "default"); // so that an old type beside it does not count
    }
    values.setAll(object(OLD));
    double theta = values.path("rope_theta").asDouble(c.number("rope_theta", fallback));
    return read(values, NEW + "." + FULL, theta, headDim, false);
  }

  /** The embedding of layers with a window. */
  RopeConfig ofSliding(int headDim, String baseField, double fallback) {
    ObjectNode values = ofKind(SLIDING);
    double theta = values.path("rope_theta").asDouble(c.number(baseField, fallback));
    return read(values, NEW + "." + SLIDING, theta, headDim, false);
  }

  private ObjectNode ofKind(String kind) {
    ObjectNode all = object(NEW);
    Set<String> beside = new TreeSet<>();
    all.fieldNames().forEachRemaining(beside::add);
    beside.removeAll(Set.of(FULL, SLIDING));
    if (!beside.isEmpty()) {
      c.notice(NEW + ": not used: " + String.join(", ", beside));
    }
    return all.path(kind) instanceof ObjectNode values ? values.deepCopy() : Json.object();
  }

  private ObjectNode object(String field) {
    JsonNode node = c.node(field);
    if (node instanceof ObjectNode values) {
      return values;
    }
    if (!node.isNull() && !node.isMissingNode()) {
      throw new InputFault(c.where() + ": " + field + " is no object but " + node);
    }
    return Json.object();
  }

  /**
   * Reads one embedding.
   *
   * @param outer whether {@code original_max_position_embeddings} beside it counts
   */
  private RopeConfig read(
      ObjectNode values, String place, double theta, int headDim, boolean outer) {
    String type = values.path("rope_type").asText(values.path("type").asText("default"));
    if (!values.path("type").asText(type).equals(type)) {
      c.notice(place + ": not used beside rope_type " + type + ": type " + values.path("type"));
    }
    type = rules.aliases().getOrDefault(type, type);
    if (!rules.types().contains(type)) {
      throw new InputFault(
          c.where()
              + ": rope type '"
              + type
              + "' is not supported ("
              + String.join(", ", new TreeSet<>(rules.types()))
              + " are)");
    }
    Set<String> unknown = new TreeSet<>();
    values.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(OF_ALL);
    unknown.removeAll(KEYS.get(type));
    if (!outer && values.has("truncate")) {
      unknown.add("truncate"); // transformers looks for it in the wrong place then
    }
    if (!unknown.isEmpty()) {
      c.notice(place + ": not used by rope type " + type + ": " + String.join(", ", unknown));
    }
    int original = original(values, outer);
    RopeScaling scaling =
        switch (type) {
          case "linear" -> new RopeScaling.LinearFactor(positive(values, "factor"));
          case "llama3" ->
              new RopeScaling.Llama3(
                  positive(values, "factor"),
                  positive(values, "low_freq_factor"),
                  positive(values, "high_freq_factor"),
                  original);
          case "yarn" -> yarn(values, original, !outer || values.path("truncate").asBoolean(true));
          case "longrope" -> longRope(values, original);
          default -> new RopeScaling.None();
        };
    return checked(new RopeConfig(dims(values, type, headDim), theta, scaling), headDim);
  }

  private int dims(ObjectNode values, String type, int headDim) {
    double fraction =
        values.path("partial_rotary_factor").asDouble(c.number("partial_rotary_factor", 1));
    if (fraction == 1 || rules.partial()) {
      return (int) (headDim * fraction);
    }
    if (!type.equals("default")) {
      throw new InputFault(
          c.where()
              + ": partial_rotary_factor "
              + fraction
              + " with rope type "
              + type
              + " is not supported: this architecture turns whole heads");
    }
    c.notice("not used: partial_rotary_factor (" + fraction + "): whole heads turn");
    return headDim;
  }

  private int original(ObjectNode values, boolean outer) {
    int beside = outer ? c.size(ORIGINAL, rules.originalPositions()) : 0;
    return beside > 0 ? beside : values.path(ORIGINAL).asInt(maxPositions);
  }

  private RopeConfig checked(RopeConfig rope, int headDim) {
    boolean fits = rope.dims() > 0 && rope.dims() % 2 == 0 && rope.dims() <= headDim;
    if (rope.scaling() instanceof RopeScaling.LongRope r) {
      fits &= r.shortFactors().size() == rope.dims() / 2;
      fits &= r.longFactors().size() == rope.dims() / 2;
    }
    if (!fits || !(rope.theta() > 0)) {
      throw new InputFault(
          c.where() + ": rotary embedding does not fit heads of " + headDim + " components");
    }
    return rope;
  }

  private RopeScaling yarn(JsonNode s, int original, boolean truncate) {
    double factor =
        s.path("factor").isNull() ? (double) maxPositions / original : positive(s, "factor");
    double magnitude = s.path("attention_factor").asDouble(Double.NaN);
    if (Double.isNaN(magnitude)) {
      double m = s.path("mscale").asDouble(0);
      double all = s.path("mscale_all_dim").asDouble(0);
      magnitude = m != 0 && all != 0 ? scale(factor, m) / scale(factor, all) : scale(factor, 1);
    }
    return new RopeScaling.Yarn(
        factor,
        magnitude,
        unlessZero(s.path("beta_fast"), 32),
        unlessZero(s.path("beta_slow"), 1),
        original,
        truncate);
  }

  private static double unlessZero(JsonNode value, double fallback) {
    return value.asDouble(0) == 0 ? fallback : value.asDouble();
  }

  private static double scale(double factor, double mscale) {
    return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
  }

  private RopeScaling longRope(JsonNode s, int original) {
    double factor =
        s.hasNonNull("factor") ? s.path("factor").asDouble() : (double) maxPositions / original;
    double magnitude = s.path("attention_factor").asDouble(Double.NaN);
    if (Double.isNaN(magnitude)) {
      magnitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    }
    return new RopeScaling.LongRope(
        factors(s, "short_factor"), factors(s, "long_factor"), magnitude, original);
  }

  private List<Double> factors(JsonNode s, String field) {
    List<Double> all = new ArrayList<>();
    s.path(field).forEach(f -> all.add(f.asDouble()));
    if (all.isEmpty() || all.stream().anyMatch(f -> !(f > 0))) {
      throw new InputFault(c.where() + ": rope " + field + " is missing or not positive");
    }
    return List.copyOf(all);
  }

  private double positive(JsonNode scaling, String field) {
    double value = scaling.path(field).asDouble(Double.NaN);
    if (!(value > 0)) {
      throw new InputFault(c.where() + ": rope " + field + " is missing or not positive");
    }
    return value;
  }
}
