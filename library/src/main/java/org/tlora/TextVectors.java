/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.data.LabelledTokens;
import org.tlora.data.Labels;
import org.tlora.engine.Scope;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.loading.LoadedModel;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterMix;
import org.tlora.model.Batch;
import org.tlora.model.SequenceClassifier;
import org.tlora.text.TextPair;
import org.tlora.text.Tokenizer;

/**
 * What an encoder makes of texts: a vector, or how likely each label is. Which tokens a vector is
 * made of is what sentence-transformers' files beside the model say; without them it is the mean of
 * all, at length one.
 */
final class TextVectors {
  private static final int AT_ONCE = 32;

  private final LoadedModel base;
  private final SequenceClassifier model;
  private final boolean first;
  private final boolean normalised;

  /**
   * Those of a model.
   *
   * @throws InputFault if it is a decoder, or its files ask for vectors of another kind
   */
  TextVectors(LoadedModel base) {
    this.base = base;
    model = base.encoder();
    Path files = base.files().path();
    Path modules = files.resolve("modules.json");
    Path pooling = files.resolve("1_Pooling/config.json");
    normalised = !Files.exists(modules) || normalises(modules);
    first = Files.exists(pooling) && takesFirst(pooling);
  }

  private static boolean normalises(Path file) {
    boolean found = false;
    for (JsonNode module : parsed(file)) {
      String type = module.path("type").asText();
      String kind = type.substring(type.lastIndexOf('.') + 1);
      if (!List.of("Transformer", "Pooling", "Normalize").contains(kind)) {
        throw new InputFault(file + ": module " + kind + " is not known");
      }
      found |= kind.equals("Normalize");
    }
    return found;
  }

  private static JsonNode parsed(Path file) {
    try {
      return Json.parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }

  private static boolean takesFirst(Path file) {
    ObjectNode config = Json.readObject(file);
    List<String> modes = new ArrayList<>();
    for (Map.Entry<String, JsonNode> e : config.properties()) {
      if (e.getKey().startsWith("pooling_mode") && e.getValue().asBoolean()) {
        modes.add(e.getKey().replaceFirst("pooling_mode_?", ""));
      } else if (e.getKey().equals("pooling_mode") && e.getValue().isTextual()) {
        modes.add(e.getValue().asText());
      }
    }
    if (modes.equals(List.of("cls_token")) || modes.equals(List.of("cls"))) {
      return true;
    }
    if (modes.equals(List.of("mean_tokens")) || modes.equals(List.of("mean"))) {
      return false;
    }
    throw new InputFault(file + ": pooling by " + modes + " is not known");
  }

  /** Vectors of texts, in their order. */
  Vectors vectors(List<String> texts, AdapterMix adapters) {
    List<float[]> all = new ArrayList<>();
    Run run =
        (batch, adaptation) -> {
          for (float[] v : model.vectors(batch, adaptation, first)) {
            all.add(finite(normalised ? atLengthOne(v) : v));
          }
        };
    return new Vectors(all, inBatches(texts, adapters, run));
  }

  /** How likely each label is for texts, in their order. */
  LabelScores labels(List<String> texts, AdapterMix adapters) {
    base.requireLabels();
    Labels labels = model.labels();
    List<Map<String, Double>> all = new ArrayList<>();
    Run run =
        (batch, adaptation) -> {
          float[] scores = finite(model.logits(batch, adaptation).toFloats());
          int width = labels.outputs();
          for (int i = 0; i < scores.length; i += width) {
            all.add(named(labels, scores, i, width));
          }
        };
    return new LabelScores(all, inBatches(texts, adapters, run));
  }

  private static Map<String, Double> named(Labels labels, float[] scores, int at, int width) {
    Map<String, Double> named = new LinkedHashMap<>();
    if (labels.isRegression()) {
      named.put("value", (double) scores[at]);
      return named;
    }
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < width; i++) {
      most = Math.max(most, scores[at + i]);
    }
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += Math.exp(scores[at + i] - most);
    }
    for (int i = 0; i < width; i++) {
      named.put(labels.classes().get(i), Math.exp(scores[at + i] - most) / sum);
    }
    return named;
  }

  /** Runs some rows. */
  private interface Run {
    void of(Batch batch, Adaptation adapters);
  }

  /** Runs all; their tokens. */
  private synchronized int inBatches(List<String> texts, AdapterMix adapters, Run run) {
    int tokens = 0;
    int most = model.config().mostTokens();
    adapters.retain();
    try {
      for (int from = 0; from < texts.size(); from += AT_ONCE) {
        List<LabelledTokens> rows = new ArrayList<>();
        for (String text : texts.subList(from, Math.min(texts.size(), from + AT_ONCE))) {
          Tokenizer tokenizer = base.files().tokenizer();
          TextPair ids = tokenizer.encodePair(text, null, most);
          // a token belongs behind every text
          if (ids.ids().length == most && tokenizer.encode(text, true).length >= most) {
            throw new InputFault(
                "a text has more tokens than the " + most + " that the model can look back on");
          }
          tokens += ids.ids().length;
          rows.add(new LabelledTokens(ids.ids(), ids.secondFrom(), 0));
        }
        try (Scope scope = new Scope()) {
          run.of(Batch.of(rows), Adaptation.of(adapters));
        }
      }
      return tokens;
    } finally {
      adapters.release();
    }
  }

  private static float[] atLengthOne(float[] v) {
    double sum = 0;
    for (float x : v) {
      sum += (double) x * x;
    }
    float[] one = new float[v.length];
    for (int i = 0; i < v.length; i++) {
      one[i] = (float) (v[i] / Math.max(1e-12, Math.sqrt(sum)));
    }
    return one;
  }

  private static float[] finite(float[] all) {
    for (float v : all) {
      if (!Float.isFinite(v)) {
        throw new RunFault(
            "the model's numbers make no sense: its weights or its adapter are broken, or too large"
                + " for this `dtype`");
      }
    }
    return all;
  }
}
