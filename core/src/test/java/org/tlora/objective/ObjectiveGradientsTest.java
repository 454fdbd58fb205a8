/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.objective;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tlora.autograd.GradientCheck;
import org.tlora.autograd.Parameter;
import org.tlora.data.Encoded;
import org.tlora.data.Labels;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Scope;
import org.tlora.model.Adaptation;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.DecoderConfig;
import org.tlora.model.Dropouts;
import org.tlora.model.EncoderConfig;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.model.RandomModels;
import org.tlora.model.RandomRows;
import org.tlora.model.RandomWeights;
import org.tlora.model.SequenceClassifier;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.RandomAdapters;
import org.tlora.peft.adapter.RandomAdapters.Drawn;
import org.tlora.peft.adapter.RandomAdapters.Kind;

/** The loss of whole models goes back to all that trains in them, kept or computed again. */
class ObjectiveGradientsTest {
  private static GradientCheck check(
      Random random, Model model, List<Encoded> rows, Adaptation adapters, boolean again) {
    return new GradientCheck(
        random,
        (tape, none) ->
            Objectives.of(model)
                .loss(
                    new Forward(model, tape, adapters, null, Dropouts.seeds(3, rows.size()), again),
                    rows,
                    2.5));
  }

  @Property(tries = 5)
  void allWeightsOfADecoderTrain(
      @ForAll boolean again, @ForAll @IntRange(min = 1, max = 3) int rows, @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    DecoderConfig config = RandomModels.decoder(draw, 2);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        CausalLm model = new CausalLm(config, RandomWeights.of(config, seed), DType.FLOAT32)) {
      List<Encoded> texts = RandomRows.texts(draw, rows, config.vocabularySize());
      List<Parameter> parameters = model.unfreeze();
      check(random, model, texts, Adaptation.NONE, again).parameters(parameters).checkTogether();
      // a table that is one for both ends has the gradients of both
      check(random, model, texts, Adaptation.NONE, again)
          .parameters(parameters.subList(0, 1))
          .check();
    }
  }

  /** On some layers and on both tables, with dropout, beside the vectors of some tokens. */
  @Property(tries = 5)
  void adaptersAndTokensOfADecoderTrain(
      @ForAll boolean again,
      @ForAll boolean tokens,
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    DecoderConfig config = RandomModels.decoder(draw, 2);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        CausalLm model = new CausalLm(config, RandomWeights.of(config, seed), DType.FLOAT32)) {
      List<Linear> layers = model.adaptable().toList();
      List<Drawn> drawn = new ArrayList<>();
      Map<Linear, PeftAdapter> set = new LinkedHashMap<>();
      for (int i = draw.nextInt(2); i < layers.size(); i += 3) {
        // not DoRA: its factors and magnitudes cannot be moved together
        Kind kind = RandomModels.any(draw, List.of(Kind.LOW_RANK, Kind.OUT_OF_BASE, Kind.SVD));
        Drawn d = RandomAdapters.on(layers.get(i), kind, draw.nextInt(1, 4), 0.2, random);
        drawn.add(d);
        set.put(d.layer(), d.adapter());
      }
      List<Encoded> texts = RandomRows.texts(draw, rows, config.vocabularySize());
      try (AdapterSet adapters = new AdapterSet(set)) {
        GradientCheck check = check(random, model, texts, Adaptation.of(adapters), again);
        drawn.forEach(d -> d.addTo(check));
        if (tokens) {
          int known = texts.get(0).ids()[0];
          check.parameters(model.unfreezeTokens(new int[] {known}));
        }
        check.checkTogether();
      }
    }
  }

  @Property(tries = 6)
  void allWeightsOfAClassifierTrain(
      @ForAll boolean again,
      @ForAll boolean number,
      @ForAll boolean relative,
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    EncoderConfig config = RandomModels.encoder(draw, 2, relative);
    Labels labels = number ? Labels.NUMBERS : Labels.numbered(draw.nextInt(2, 5));
    RandomWeights weights = RandomWeights.of(config, labels.outputs(), seed);
    try (Scope scope = new Scope();
        Random random = new Random(Device.CPU, seed);
        SequenceClassifier model = new SequenceClassifier(config, labels, weights, DType.FLOAT32)) {
      List<Encoded> texts = RandomRows.labelled(draw, rows, config.vocabularySize(), labels);
      check(random, model, texts, Adaptation.NONE, again)
          .parameters(model.unfreeze())
          .checkTogether();
    }
  }
}
