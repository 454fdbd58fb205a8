/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.examples;

import java.nio.file.Path;
import java.util.List;
import org.tlora.LanguageModel;
import org.tlora.Method;
import org.tlora.TrainingResult;
import org.tlora.Tuning;
import org.tlora.calibrate.Statistics;
import org.tlora.engine.DType;
import org.tlora.engine.Random;
import org.tlora.engine.Tensor;
import org.tlora.model.Linear;
import org.tlora.peft.LayerPlan;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.peft.adapter.PeftAdapter;
import org.tlora.peft.adapter.StoredLayer;

/** Trains with a method of one's own: LoRA-FA, whose A is random and frozen (arXiv 2308.03303). */
public final class CustomMethod {
  private CustomMethod() {}

  /** Only B trains, so that nothing of the size of a layer's input is kept for the way back. */
  static final class LoraFa implements PeftMethod {
    static final MethodOption<Double> DEVIATION =
        MethodOption.positive("lora-fa-deviation", 0.02, "Standard deviation of A.");

    @Override
    public String name() {
      return "lora-fa";
    }

    @Override
    public List<MethodOption<?>> options() {
      return List.of(DEVIATION);
    }

    @Override
    public PeftAdapter start(
        Linear layer, LayerPlan plan, Statistics statistics, PeftOptions options, Random random) {
      int r = plan.rank();
      return new LowRankAdapter(
          layer.name(),
          random.normal(0, options.number(DEVIATION), r, layer.inFeatures()),
          Tensor.zeros(layer.device(), DType.FLOAT32, layer.outFeatures(), r),
          plan.scaling(),
          options.dropout(),
          false);
    }

    @Override
    public PeftAdapter resume(Linear layer, StoredLayer stored, PeftOptions options) {
      stored.requireNothingFixed(name());
      return new LowRankAdapter(
          layer.name(),
          stored.a().copy(),
          stored.b().copy(),
          stored.scaling(),
          options.dropout(),
          false);
    }
  }

  /** Arguments: the model, a file of rows, an output directory. */
  public static void main(String[] args) {
    try (LanguageModel model = LanguageModel.of(args[0]).open()) {
      TrainingResult result =
          model
              .train(
                  Tuning.builder()
                      .method(Method.of(new LoraFa()).with(LoraFa.DEVIATION, 0.05))
                      .data(args[1])
                      .template("plain")
                      .rank(8)
                      .steps(20)
                      .learningRate(1e-2)
                      .output(Path.of(args[2]))
                      .build())
              .join();
      System.out.printf("lora-fa: %,d parameters%n", result.trainableParameters());
    }
  }
}
