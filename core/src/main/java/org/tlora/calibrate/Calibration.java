/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.calibrate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.collective.Alone;
import org.tlora.collective.Collective;
import org.tlora.data.Encoded;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.model.Adaptation;
import org.tlora.model.Batch;
import org.tlora.model.Linear;
import org.tlora.model.Model;
import org.tlora.model.Pass;
import org.tlora.objective.Forward;
import org.tlora.objective.Objective;
import org.tlora.objective.Objectives;
import org.tlora.run.StopSignal;

/**
 * Runs samples through the frozen model, with the mean cross entropy over a sample's supervised
 * tokens as loss. The gradient of a weight exists for one sample and one layer at a time and is
 * dropped at once: G = dYᵀ X where the way back passes the layer. Several samples may share a pass;
 * what is gathered is that of each by itself. Several processes may share the samples; each has the
 * statistics of all of them then.
 */
public final class Calibration {
  private Calibration() {}

  /** Decides whether enough samples were seen. */
  public interface Stopping {
    /** Every sample is looked at. */
    Stopping NEVER =
        new Stopping() {
          @Override
          public boolean isEnough(Statistics soFar) {
            return false;
          }

          @Override
          public int interval() {
            return Integer.MAX_VALUE;
          }
        };

    /**
     * Asked after each pass.
     *
     * @param soFar with sensitivities alone
     */
    boolean isEnough(Statistics soFar);

    /** No pass goes over a multiple of so many samples, so that it is asked there. */
    default int interval() {
      return 1;
    }
  }

  /**
   * How samples are run.
   *
   * @param objective what a sample loses
   * @param wanted what to gather; nothing is run for nothing
   * @param gradientBatchSize samples whose supervised tokens weigh the same in a mean gradient; the
   *     gradient is the mean over such batches
   * @param stopping may end the pass before the last sample; not for a mean gradient, whose weights
   *     are those of all
   * @param stop ends it without a result
   * @param recompute whether layers are run again on the way back
   * @param activationBytes samples share a pass as long as what it keeps takes about that much; 0:
   *     one by one
   * @param processes that share the samples
   * @param streams where passes without a way back begin, and end for those behind them
   * @param components how those of inputs are looked for, where they are wanted
   */
  public record Plan(
      Objective objective,
      Set<Statistic> wanted,
      int gradientBatchSize,
      Stopping stopping,
      StopSignal stop,
      boolean recompute,
      long activationBytes,
      Collective processes,
      Streams streams,
      ComponentRule components) {
    /** The same from the beginning, in a process by itself. */
    public Plan(
        Objective objective,
        Set<Statistic> wanted,
        int gradientBatchSize,
        Stopping stopping,
        StopSignal stop,
        boolean recompute,
        long activationBytes) {
      this(
          objective,
          wanted,
          gradientBatchSize,
          stopping,
          stop,
          recompute,
          activationBytes,
          new Alone(),
          new Streams(Set.of()),
          ComponentRule.NONE);
    }
  }

  /** As below, for the model's usual objective, one by one and without stopping early. */
  public static Statistics run(
      Model model,
      List<Linear> targets,
      List<? extends Encoded> rows,
      Set<Statistic> wanted,
      int gradientBatchSize,
      IntConsumer afterSample) {
    return run(model, targets, rows, wanted, ComponentRule.NONE, gradientBatchSize, afterSample);
  }

  /** As above, with a rule for components of inputs where these are wanted. */
  public static Statistics run(
      Model model,
      List<Linear> targets,
      List<? extends Encoded> rows,
      Set<Statistic> wanted,
      ComponentRule components,
      int gradientBatchSize,
      IntConsumer afterSample) {
    Plan plan =
        new Plan(
            Objectives.of(model),
            wanted,
            gradientBatchSize,
            Stopping.NEVER,
            StopSignal.NEVER,
            false,
            0,
            new Alone(),
            new Streams(Set.of()),
            components);
    return run(model, targets, rows, plan, afterSample);
  }

  /**
   * Gathers statistics of the base, without adapters.
   *
   * @param targets the layers to know about
   * @param rows the samples; those without a supervised token must have been left out
   * @param afterSample is told how many samples are done
   * @throws InputFault if there is no sample
   * @throws RunFault if an activation or a gradient is not finite, or it is asked to stop
   */
  public static Statistics run(
      Model model,
      List<Linear> targets,
      List<? extends Encoded> rows,
      Plan plan,
      IntConsumer afterSample) {
    if (plan.wanted().isEmpty()) {
      return Statistics.none();
    }
    if (rows.isEmpty()) {
      throw new InputFault("calibration has no sample with a supervised token");
    }
    if (!plan.wanted().contains(Statistic.COMPONENTS)) {
      return sum(model, targets, rows, plan, afterSample);
    }
    if (plan.components().most() < 1) {
      throw new IllegalArgumentException("components are wanted, and no rule says how many");
    }
    boolean alone = plan.wanted().size() == 1;
    Statistics rest = alone ? Statistics.none() : sum(model, targets, rows, plan, afterSample);
    long start = System.nanoTime();
    try (ComponentSearch search = new ComponentSearch(model, targets, rows, plan)) {
      Map<Linear, InputComponents> found = search.run(afterSample);
      int seen = Math.min(rows.size(), search.batches() * plan.gradientBatchSize());
      return rest.with(found, seen, (System.nanoTime() - start) / 1e9);
    } catch (RuntimeException e) {
      rest.close();
      throw e;
    }
  }

  /** What is a sum over samples. */
  private static Statistics sum(
      Model model,
      List<Linear> targets,
      List<? extends Encoded> rows,
      Plan plan,
      IntConsumer afterSample) {
    long start = System.nanoTime();
    Collective all = plan.processes();
    Gatherer gatherer = new Gatherer(targets, plan.wanted());
    SampleGroups groups = new SampleGroups(model, rows, plan);
    List<Double> losses = new ArrayList<>();
    try {
      int done = 0;
      while (done < rows.size()) {
        // up to where it may end; each process takes a part that lies together
        int block = (int) Math.min(rows.size(), (long) done + plan.stopping().interval());
        int from = part(done, block, all.rank(), all.size());
        int to = part(done, block, all.rank() + 1, all.size());
        int begun = from;
        while (from < to) {
          SampleGroups.Group group = groups.from(from, to);
          losses.addAll(run(model, group, plan, gatherer));
          from += group.rows().size();
          // of all: the others come along about as fast
          afterSample.accept(done + (int) ((long) (from - begun) * (block - done) / (to - begun)));
          if (plan.stop().isRequested()) {
            throw new RunFault("interrupted while calibrating, before there was anything to save");
          }
          all.works();
        }
        done = block;
        if (done < rows.size() && plan.stopping().isEnough(gatherer.sensitivitiesSoFar(all))) {
          break;
        }
      }
      gatherer.join(all);
    } catch (RuntimeException e) {
      gatherer.abandon();
      throw e;
    }
    return gatherer.finish(joined(losses, all), (System.nanoTime() - start) / 1e9);
  }

  /** Where the part of a process begins among the samples of a block. */
  private static int part(int from, int to, int rank, int size) {
    return from + (int) ((long) (to - from) * rank / size);
  }

  /** The losses of all processes, in the order of the samples. */
  private static List<Double> joined(List<Double> own, Collective all) {
    if (!all.isGroup()) {
      return own;
    }
    String text = own.stream().map(String::valueOf).collect(Collectors.joining("\n"));
    List<Double> joined = new ArrayList<>();
    for (byte[] each : all.gather(text.getBytes(UTF_8))) {
      new String(each, UTF_8)
          .lines()
          .filter(l -> !l.isEmpty())
          .map(Double::parseDouble)
          .forEach(joined::add);
    }
    return joined;
  }

  /** One pass; its loss, where it has a way back. */
  private static List<Double> run(
      Model model, SampleGroups.Group group, Plan plan, Gatherer gatherer) {
    gatherer.begin(group.places());
    if (!gatherer.wantsGradients()) {
      look(model, group, plan.streams(), gatherer);
      gatherer.read();
      return List.of();
    }
    try (Scope scope = new Scope()) {
      Tensor loss = pass(model, group, plan, gatherer);
      double each = gatherer.requireFiniteLoss(loss) / group.rows().size();
      gatherer.read();
      return List.of(each);
    }
  }

  /** A pass without a way back, up to the last layer that matters. */
  private static void look(
      Model model, SampleGroups.Group group, Streams streams, Gatherer gatherer) {
    Batch batch = Batch.of(group.rows());
    Forward forward = new Forward(model, Tape.off(), Adaptation.NONE, gatherer, null, false);
    int first = group.places().get(0).number();
    try (Scope scope = new Scope()) {
      Pass pass = forward.pass(batch);
      streams.put(first, model.observe(pass, batch, streams.of(first), streams.next()));
    }
  }

  /**
   * A pass and its way back; looks at no value on the host.
   *
   * @return the loss, [1], owned by the caller's scope
   */
  static Tensor pass(Model model, SampleGroups.Group group, Plan plan, Gatherer gatherer) {
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Forward forward = new Forward(model, tape, Adaptation.NONE, gatherer, null, plan.recompute());
      Variable loss = plan.objective().loss(forward, group.rows(), group.divisor());
      tape.backward(loss, null);
      return scope.keep(loss.value());
    }
  }
}
