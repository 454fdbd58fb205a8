package org.tlora.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.model.DecoderConfig.RopeConfig;
import org.tlora.model.RopeScaling;

/**
 * Reads rotary embeddings of a config.json, from their places before transformers 5 ({@code
 * rope_theta}, {@code rope_scaling}) and since ({@code rope_parameters}, for each kind of layer
 * where those differ).
 */
final class Ropes {
  private static final String FULL = "full_attention";

  private final HubConfig c;

  Ropes(HubConfig c) {
    this.c = c;
  }

  /** The embedding of layers that see everything. */
  RopeConfig of(int headDim, double fallbackTheta) {
    JsonNode parameters = c.json().path("rope_parameters");
    JsonNode now = parameters.has(FULL) ? parameters.path(FULL) : parameters;
    double fraction = number(now, "partial_rotary_factor", 1);
    int dims = (int) (headDim * fraction);
    JsonNode scaling = now.isObject() ? now : c.json().path("rope_scaling");
    return checked(
        new RopeConfig(dims, number(now, "rope_theta", fallbackTheta), scaling(scaling)), headDim);
  }

  /** The embedding of layers with a window, where it is another. */
  RopeConfig ofSliding(int headDim, String oldBase, double fallback) {
    JsonNode now = c.json().path("rope_parameters").path("sliding_attention");
    double theta =
        now.hasNonNull("rope_theta")
            ? now.path("rope_theta").asDouble()
            : c.number(oldBase, fallback);
    return checked(new RopeConfig(headDim, theta, scaling(now)), headDim);
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

  private double number(JsonNode now, String field, double fallback) {
    return now.hasNonNull(field) ? now.path(field).asDouble() : c.number(field, fallback);
  }

  private RopeScaling scaling(JsonNode s) {
    String type = s.path("rope_type").asText(s.path("type").asText("default"));
    return switch (type) {
      case "default" -> new RopeScaling.None();
      case "linear" -> new RopeScaling.LinearFactor(positive(s, "factor"));
      case "llama3" ->
          new RopeScaling.Llama3(
              positive(s, "factor"),
              positive(s, "low_freq_factor"),
              positive(s, "high_freq_factor"),
              positive(s, "original_max_position_embeddings"));
      case "yarn" -> yarn(s);
      case "longrope", "su" -> longRope(s);
      default ->
          throw new InputFault(
              c.where()
                  + ": rope type '"
                  + type
                  + "' is not supported (default, linear, llama3, yarn, longrope are)");
    };
  }

  private RopeScaling yarn(JsonNode s) {
    double factor = positive(s, "factor");
    double magnitude = s.path("attention_factor").asDouble(Double.NaN);
    if (Double.isNaN(magnitude)) {
      double m = s.path("mscale").asDouble(0);
      double all = s.path("mscale_all_dim").asDouble(0);
      magnitude = m != 0 && all != 0 ? scale(factor, m) / scale(factor, all) : scale(factor, 1);
    }
    double positions =
        s.path("original_max_position_embeddings")
            .asDouble(c.number("max_position_embeddings", Double.NaN));
    return new RopeScaling.Yarn(
        factor,
        magnitude,
        s.path("beta_fast").asDouble(32),
        s.path("beta_slow").asDouble(1),
        positions,
        s.path("truncate").asBoolean(true));
  }

  private static double scale(double factor, double mscale) {
    return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
  }

  private RopeScaling longRope(JsonNode s) {
    int longest = c.size("max_position_embeddings");
    int original =
        s.hasNonNull("original_max_position_embeddings")
            ? s.path("original_max_position_embeddings").asInt()
            : c.size("original_max_position_embeddings", longest);
    double factor =
        c.json().hasNonNull("original_max_position_embeddings")
                || !s.hasNonNull("factor")
                || s.hasNonNull("original_max_position_embeddings")
            ? (double) longest / original
            : s.path("factor").asDouble();
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
