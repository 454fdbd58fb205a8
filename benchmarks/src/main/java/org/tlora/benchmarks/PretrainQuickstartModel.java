/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tlora.autograd.Parameter;
import org.tlora.data.Encoded;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.format.Example.Instruction;
import org.tlora.engine.DType;
import org.tlora.model.Adaptation;
import org.tlora.model.CausalLm;
import org.tlora.pretrained.PretrainedModel;
import org.tlora.quickstart.TinyModel;
import org.tlora.quickstart.WordGames;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.text.PromptTemplate;
import org.tlora.train.Schedule;
import org.tlora.train.Trainer;
import org.tlora.train.TrainingOptions;
import org.tlora.train.TrainingParts;

/**
 * Pretrains the quickstart's model from random weights on word games that are generated here.
 * Seeded: the same command gives the same model on the same kind of machine.
 *
 * <p>Arguments: the directory to write to, and optionally the number of steps (default 3000). Copy
 * the four files to {@code core/src/main/resources/org/tlora/quickstart/model}.
 */
public final class PretrainQuickstartModel {
  private static final int BATCH = 64;
  private static final long SEED = 20261124;

  private PretrainQuickstartModel() {}

  /** Runs the pretraining. */
  public static void main(String[] args) {
    Path directory = Path.of(args[0]);
    int steps = args.length > 1 ? Integer.parseInt(args[1]) : 3000;
    TinyModel.writeUntrained(directory, SEED);
    try (PretrainedModel files = PretrainedModel.open(directory);
        CausalLm model = files.load(DType.FLOAT32)) {
      List<Parameter> parameters = model.unfreeze();
      ExampleEncoder encoder =
          new ExampleEncoder(files.tokenizer(), PromptTemplate.PLAIN, files.trainingEos(), 128);
      List<Encoded> rows = encoded(encoder, WordGames.pretraining(steps * BATCH, SEED));
      List<Encoded> held = encoded(encoder, WordGames.pretraining(500, SEED + 1));
      TrainingOptions options =
          new TrainingOptions(
              steps,
              0,
              BATCH,
              BATCH,
              2e-3,
              Schedule.COSINE,
              0.05,
              0.01,
              1,
              true,
              250,
              false,
              0,
              SEED);
      try (Listeners listeners = Listeners.of(new Printer())) {
        TrainingParts parts = TrainingParts.of(model, Adaptation.NONE, parameters);
        new Trainer(parts, options, listeners, StopSignal.NEVER).train(rows, held);
      }
      TinyModel.writeTrained(directory, parameters);
    }
  }

  private static List<Encoded> encoded(ExampleEncoder encoder, List<Instruction> examples) {
    return examples.stream().<Encoded>map(encoder::encode).toList();
  }

  private static final class Printer implements RunListener {
    @Override
    public void step(StepReport m) {
      if (m.step() % 50 == 0) {
        System.err.printf(
            Locale.ROOT,
            "step %d of %d: loss %.4f, %.0f tokens/s%n",
            m.step(),
            m.totalSteps(),
            m.loss(),
            m.get(StepReport.TOKENS_PER_SECOND));
      }
    }

    @Override
    public void evaluation(long step, Map<String, Double> scalars) {
      System.err.printf(Locale.ROOT, "step %d: held-out loss %.4f%n", step, scalars.get(EVAL_LOSS));
    }
  }
}
