/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.autograd.Parameter;
import org.tlora.collective.Alone;
import org.tlora.collective.Collective;
import org.tlora.data.Encoded;
import org.tlora.engine.DType;
import org.tlora.engine.Tensor;
import org.tlora.model.Adaptation;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;
import org.tlora.quickstart.TinyModels;
import org.tlora.run.Listeners;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import org.tlora.run.StopSignal;
import org.tlora.tune.FineTuning;
import org.tlora.tune.Tunings;

/** Whatever of a step is counted or decided goes through the group: two members train as one. */
class CollectiveStepsTest {
  @TempDir private Path directory;

  /** A group of threads of this process. */
  private static final class Threads implements Collective {
    /** What the members meet at. */
    private static final class Table {
      private final CyclicBarrier barrier;
      private final List<Object> given = new ArrayList<>();

      Table(int size) {
        barrier = new CyclicBarrier(size);
        for (int i = 0; i < size; i++) {
          given.add(null);
        }
      }
    }

    private final Table table;
    private final int rank;

    Threads(Table table, int rank) {
      this.table = table;
      this.rank = rank;
    }

    private <T> List<T> exchanged(T own) {
      try {
        table.given.set(rank, own);
        table.barrier.await();
        @SuppressWarnings("unchecked")
        List<T> all = (List<T>) List.copyOf(table.given);
        table.barrier.await();
        return all;
      } catch (InterruptedException | BrokenBarrierException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int size() {
      return table.given.size();
    }

    @Override
    public double[] sum(double... values) {
      double[] sums = new double[values.length];
      for (double[] each : exchanged(values)) {
        for (int i = 0; i < sums.length; i++) {
          sums[i] += each[i];
        }
      }
      return sums;
    }

    @Override
    public void sum(List<Tensor> tensors) {
      List<float[]> own = tensors.stream().map(Tensor::toFloats).toList();
      List<List<float[]>> all = exchanged(own);
      for (int t = 0; t < tensors.size(); t++) {
        float[] sum = new float[own.get(t).length];
        for (List<float[]> each : all) {
          for (int i = 0; i < sum.length; i++) {
            sum[i] += each.get(t)[i];
          }
        }
        try (Tensor there = tensors.get(t).newFloats(sum, tensors.get(t).shape())) {
          tensors.get(t).copyFrom(there);
        }
      }
    }

    @Override
    public List<byte[]> gather(byte[] own) {
      return exchanged(own);
    }

    @Override
    public byte[] broadcast(byte[] own, int from) {
      return exchanged(own).get(from);
    }

    @Override
    public void barrier() {
      exchanged(0);
    }

    @Override
    public void close() {}
  }

  private static final class Kept implements Checkpoints {
    private final List<Long> saved = new ArrayList<>();

    @Override
    public Start start() {
      return Start.FROM_NOTHING;
    }

    @Override
    public boolean isDue(long steps) {
      return steps == 2;
    }

    @Override
    public void save(TrainingPosition position, Map<String, Tensor> state) {
      saved.add(position.steps());
    }
  }

  private record Run(List<Double> losses, List<float[]> weights, long steps, List<Long> saved) {}

  private Run run(String name, Collective collective, StopSignal stop) {
    try (TinyModels tiny = new TinyModels(directory.resolve(name), DType.FLOAT32);
        FineTuning tuning =
            Tunings.start(
                tiny.model(), PeftMethods.named("lora"), new PeftOptions(4, 8, 0), List.of(), 5)) {
      List<Encoded> rows = tiny.rows(24);
      TrainingOptions options =
          new TrainingOptions(6, 0, 5, 2, 2e-3, Schedule.LINEAR, 0, 0.01, 1, true, 0, false, 3, 3);
      List<Double> losses = new ArrayList<>();
      RunListener log =
          new RunListener() {
            @Override
            public void step(StepReport report) {
              losses.add(report.loss());
            }
          };
      TrainingParts parts =
          TrainingParts.of(tiny.model(), Adaptation.of(tuning.adapters()), tuning.parameters())
              .with(collective);
      Kept kept = new Kept();
      IntFunction<String> where = i -> "row " + i;
      Trainer.Outcome outcome =
          new Trainer(parts, options, log, Listeners.none(), stop)
              .train(rows, where, List.of(), kept);
      List<float[]> weights = new ArrayList<>();
      for (Parameter p : tuning.parameters()) {
        weights.add(p.value().toFloats());
      }
      return new Run(losses, weights, outcome.steps(), kept.saved);
    }
  }

  private List<Run> together(String name, List<StopSignal> stops) throws Exception {
    Threads.Table table = new Threads.Table(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<Run>> runs = new ArrayList<>();
      for (int rank = 0; rank < 2; rank++) {
        Collective own = new Threads(table, rank);
        StopSignal stop = stops.get(rank);
        String folder = name + rank;
        runs.add(threads.submit(() -> run(folder, own, stop)));
      }
      return List.of(runs.get(0).get(), runs.get(1).get());
    } finally {
      threads.shutdownNow();
    }
  }

  /** ‖a − b‖ / ‖a‖. */
  private static double distance(float[] a, float[] b) {
    double squares = 0;
    double whole = 0;
    for (int i = 0; i < a.length; i++) {
      squares += Math.pow(a[i] - b[i], 2);
      whole += Math.pow(a[i], 2);
    }
    return Math.sqrt(squares / whole);
  }

  @Test
  void twoMembersTakeTheStepsOfOneAndOneOfThemSaves() throws Exception {
    Run alone = run("alone", new Alone(), StopSignal.NEVER);
    List<Run> both = together("both", List.of(StopSignal.NEVER, StopSignal.NEVER));
    for (Run member : both) {
      assertEquals(alone.losses().size(), member.losses().size());
      for (int i = 0; i < alone.losses().size(); i++) {
        assertEquals(alone.losses().get(i), member.losses().get(i), 1e-5, "step " + i);
      }
      for (int i = 0; i < alone.weights().size(); i++) {
        // as a whole: where a gradient is next to nothing, Adam's step for it may be any
        assertTrue(distance(alone.weights().get(i), member.weights().get(i)) < 1e-3, "weight " + i);
        assertArrayEquals(both.get(0).weights().get(i), member.weights().get(i), "to the bit");
      }
    }
    assertEquals(List.of(2L), both.get(0).saved());
    assertEquals(List.of(), both.get(1).saved(), "one writes for all");
  }

  @Test
  void allStopWhereOneIsAskedTo() throws Exception {
    int[] asked = {0};
    List<Run> both = together("stopped", List.of(StopSignal.NEVER, () -> ++asked[0] == 3));
    assertEquals(3, both.get(0).steps());
    assertEquals(3, both.get(1).steps());
    assertEquals(List.of(2L, 3L), both.get(0).saved());
  }
}
