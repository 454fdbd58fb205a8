/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.tlora.checkpoint.SaveSchedule;
import org.tlora.data.encode.DataSet;
import org.tlora.data.file.DataFile;
import org.tlora.engine.DType;
import org.tlora.engine.ProcessMemory;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.AdapterMix;
import org.tlora.model.CausalLm;
import org.tlora.model.family.Families;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.TargetModules;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.BaseWeights;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.text.PromptTemplate;
import org.tlora.train.Schedule;
import org.tlora.train.TrainingOptions;
import org.tlora.tune.BesideOptions;
import org.tlora.tune.CalibrationOptions;
import org.tlora.tune.DuringOptions;
import org.tlora.tune.Resuming;
import org.tlora.tune.TuningInputs;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRun;

/**
 * The process of {@link SoakRun}: trains, evaluates, saves and generates, and prints resident
 * bytes, file handles and threads after each round.
 */
final class SoakProcess {
  static final int STEPS_A_ROUND = 100;

  private SoakProcess() {}

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    Path model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    Path data = Commands.writeRows(directory.resolve("rows.jsonl"));
    int steps = Integer.parseInt(args[1]) * STEPS_A_ROUND;
    TuningJob job = job(model, data, steps, directory.resolve("run"));
    Rounds rounds = new Rounds();
    try (Listeners listeners = Listeners.of(rounds);
        TuningInputs inputs = new TuningInputs(job, listeners, StopSignal.NEVER);
        TuningRun run = new TuningRun(job, inputs, listeners, Resuming.NO)) {
      rounds.inputs = inputs;
      run.initialise();
      run.train(StopSignal.NEVER);
    }
  }

  private static TuningJob job(Path model, Path data, int steps, Path output) {
    TrainingOptions training =
        new TrainingOptions(
            steps, 0, 2, 2, 1e-3, Schedule.COSINE, 0, 0, 1, true, STEPS_A_ROUND, false, 0, 1);
    return new TuningJob(
        model,
        Families.known(),
        List.of(DataFile.of(data)),
        null,
        2,
        0,
        DataSet.Reading.AUTOMATIC,
        null,
        PromptTemplate.PLAIN,
        64,
        PeftMethods.named("tlora"),
        new PeftOptions(4, 4, 0.1),
        List.of(TargetModules.ALL_LINEAR),
        BesideOptions.NOTHING,
        training,
        null,
        null,
        new CalibrationOptions(null, 4, false, 0, 1, null),
        DType.FLOAT32,
        BaseWeights.AS_STORED,
        DuringOptions.NOTHING,
        new SaveSchedule(STEPS_A_ROUND, 0, 2),
        output);
  }

  /** Generates at the end of each round, and prints what the process has then. */
  private static final class Rounds implements RunListener {
    private TuningInputs inputs;

    @Override
    public void step(StepReport metrics) {
      if ((metrics.step() + 1) % STEPS_A_ROUND != 0) {
        return;
      }
      CausalLm model = (CausalLm) inputs.model();
      Generator generator =
          new Generator(model, AdapterMix.NONE, inputs.base().tokenizer(), List.of());
      int[] prompt = inputs.base().tokenizer().encode("Shout melon.", true);
      generator.generate(new GenerationRequest(prompt, 8), Sampling.GREEDY, StopWords.NONE);
      System.out.println(ProcessMemory.residentBytes() + " " + handles() + " " + threads());
    }

    /** All that the system runs for this process: Java's own and those of the native libraries. */
    private static long threads() {
      try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
        return tasks.count();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    private static long handles() {
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        return open.count();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void message(String message) {
      System.err.println(message);
    }
  }
}
