package org.tlora.calibrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.encode.Encoded;
import org.tlora.engine.Scope;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.model.Batch;
import org.tlora.model.Layout;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.model.Pass;

/**
 * Runs samples through the frozen model, one at a time, with the mean cross entropy over a sample's
 * supervised tokens as loss. The gradient of a weight exists for one layer at a time and is dropped
 * at once: G = dYᵀ X where the way back passes the layer.
 */
public final class Calibration {
  private Calibration() {}

  /** Decides whether enough samples were seen. */
  public interface Stopping {
    /** Every sample is looked at. */
    Stopping NEVER = soFar -> false;

    /**
     * Asked after each sample.
     *
     * @param soFar with sensitivities alone
     */
    boolean isEnough(Statistics soFar);
  }

  /** As below, without stopping early. */
  public static Statistics run(
      Model model,
      List<Linear> targets,
      List<Encoded> rows,
      Set<Statistic> wanted,
      int gradientBatchSize,
      IntConsumer afterSample) {
    return run(model, targets, rows, wanted, gradientBatchSize, Stopping.NEVER, afterSample);
  }

  /**
   * Gathers statistics.
   *
   * @param targets the layers to know about
   * @param rows the samples; those without a supervised token must have been left out
   * @param wanted what to gather; nothing is run for nothing
   * @param gradientBatchSize samples whose supervised tokens weigh the same in a mean gradient; the
   *     gradient is the mean over such batches
   * @param stopping may end the pass before the last sample; not for a mean gradient, whose weights
   *     are those of all
   * @param afterSample is told how many samples are done
   * @throws InputFault if there is no sample
   * @throws RunFault if an activation or a gradient is not finite
   */
  public static Statistics run(
      Model model,
      List<Linear> targets,
      List<Encoded> rows,
      Set<Statistic> wanted,
      int gradientBatchSize,
      Stopping stopping,
      IntConsumer afterSample) {
    if (wanted.isEmpty()) {
      return Statistics.none();
    }
    if (rows.isEmpty()) {
      throw new InputFault("calibration has no sample with a supervised token");
    }
    long start = System.nanoTime();
    Gatherer gatherer = new Gatherer(targets, wanted);
    List<Double> losses = new ArrayList<>();
    try {
      for (int i = 0; i < rows.size(); i++) {
        gatherer.begin(gradientWeight(rows, i, gradientBatchSize));
        if (gatherer.wantsGradients()) {
          losses.add(pass(model, rows.get(i), gatherer));
        } else {
          look(model, rows.get(i), gatherer);
        }
        afterSample.accept(gatherer.sample());
        if (stopping.isEnough(gatherer.sensitivitiesSoFar())) {
          break;
        }
      }
    } catch (RuntimeException e) {
      gatherer.abandon();
      throw e;
    }
    return gatherer.finish(losses, (System.nanoTime() - start) / 1e9);
  }

  /**
   * The share of a sample's own mean gradient in the mean over batches of their means over tokens:
   * its supervised tokens by those of its batch, by the number of batches.
   */
  private static double gradientWeight(List<Encoded> rows, int i, int batchSize) {
    int from = i / batchSize * batchSize;
    int to = Math.min(rows.size(), from + batchSize);
    int tokens = rows.subList(from, to).stream().mapToInt(Encoded::supervisedTokens).sum();
    int batches = (rows.size() + batchSize - 1) / batchSize;
    return (double) rows.get(i).supervisedTokens() / tokens / batches;
  }

  /** A pass without a way back, up to the last layer that matters. */
  private static void look(Model model, Encoded row, Gatherer gatherer) {
    Batch batch = Batch.of(List.of(row));
    try (Scope scope = new Scope();
        Tape off = Tape.off()) {
      model.observe(new Pass(off, Layout.of(batch.lengths()), gatherer, null), batch);
    }
  }

  private static double pass(Model model, Encoded row, Gatherer gatherer) {
    Batch batch = Batch.of(List.of(row));
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Pass pass = new Pass(tape, Layout.of(batch.lengths()), gatherer, null);
      Variable hidden = model.hidden(pass, batch);
      Variable loss = model.loss(pass, hidden, batch, batch.targets().length);
      double value = loss.value().item();
      if (!Double.isFinite(value)) {
        throw new RunFault("calibration sample " + gatherer.sample() + ": the loss is " + value);
      }
      tape.backward(loss, null);
      return value;
    }
  }
}
