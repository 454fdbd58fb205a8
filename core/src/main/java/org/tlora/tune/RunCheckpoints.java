/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.tlora.checkpoint.CheckpointStore;
import org.tlora.checkpoint.SaveSchedule;
import org.tlora.collective.Agreement;
import org.tlora.collective.Collective;
import org.tlora.engine.Engine;
import org.tlora.engine.Processor;
import org.tlora.engine.ProductKernels;
import org.tlora.engine.Tensor;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.run.RunListener;
import org.tlora.train.Best;
import org.tlora.train.Checkpoints;
import org.tlora.train.TrainingPosition;

/** The checkpoints of a run, in {@code checkpoints/} of its output directory. */
final class RunCheckpoints implements Checkpoints, AutoCloseable {
  /**
   * Where a run is computed: what it is has no part in that, and its last digits do. Of a group it
   * may change, since machines of a cluster come as they come.
   */
  private static final List<String> WHERE = List.of("threads", "processor", "processes");

  private TuningJob job;
  private final TuningInputs inputs;
  private final FineTuning tuning;
  private final RunListener listener;
  private final CheckpointStore store;
  private final TuningCheckpoint from; // or null: from the beginning
  private final SharedCheckpoint shared;
  private final Collective all;
  private final SaveSchedule.Due due;
  private final List<Measure> measures;
  private Map<String, String> settings;
  private MetricsLog log;
  private List<Map<String, String>> kernels = List.of(); // of the ranks
  private TrainingPosition start; // null: from the beginning

  /**
   * Finds where to start.
   *
   * @throws UsageFault if there are checkpoints of another run
   */
  RunCheckpoints(
      TuningJob job,
      TuningInputs inputs,
      FineTuning tuning,
      List<Measure> measures,
      RunListener listener,
      TuningOutput output) {
    this.job = job;
    this.inputs = inputs;
    this.tuning = tuning;
    this.measures = measures;
    this.listener = listener;
    store = output.checkpoints();
    Resuming resuming = output.resuming();
    all = inputs.processes().all();
    Optional<CheckpointStore.Found> found = Optional.empty();
    if (resuming != Resuming.NO && all.isFirst()) {
      found = store.newest(damaged -> listener.message("passed over: " + damaged));
    }
    shared = SharedCheckpoint.of(all, found.map(CheckpointStore.Found::path));
    from = shared.directory().map(TuningCheckpoint::read).orElse(null);
    if (from != null && all.isFirst()) {
      requireSame(resuming);
    }
    if (from != null) {
      from.useKernels(all.rank()).ifPresent(listener::message);
    }
    start = from == null ? null : withBestThatIsThere(from.position());
    due = job.saving().start();
  }

  /** Without the best state so far where somebody has removed or damaged it. */
  private TrainingPosition withBestThatIsThere(TrainingPosition position) {
    if (job.during().selection() == null || position.standing().best() == null) {
      return position;
    }
    String lost = null;
    if (all.isFirst()) {
      try {
        CheckpointStore.check(store.best(position.standing().best().steps()));
      } catch (InputFault e) {
        lost = e.getMessage();
        listener.message("the best state is looked for anew: " + lost);
      }
    }
    return all.first(lost != null) ? position.with(position.standing().withoutBest()) : position;
  }

  private void requireSame(Resuming resuming) {
    List<String> changed = new ArrayList<>();
    List<String> elsewhere = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(from.settings().keySet());
    names.addAll(settings().keySet());
    for (String name : names) {
      String before = from.settings().getOrDefault(name, "not set");
      String now = settings().getOrDefault(name, "not set");
      if (!before.equals(now)) {
        boolean may = WHERE.contains(name) && isOfGroup();
        (may ? elsewhere : changed).add(name + " was " + before + ", is " + now);
      }
    }
    if (!elsewhere.isEmpty()) {
      listener.message(
          "goes on elsewhere ("
              + String.join("; ", elsewhere)
              + "): rows, dropout and steps are the same, the last digits may be others than those"
              + " of a run in one piece");
    }
    if (changed.isEmpty()) {
      return;
    }
    String what = String.join("; ", changed);
    if (resuming == Resuming.IF_UNCHANGED) {
      throw new UsageFault(
          "the run of "
              + from.directory()
              + " was another: "
              + what
              + "; delete it to start anew, or train with `resumeAnyway`");
    }
    listener.message("goes on although " + what);
  }

  /** Whether the run has or had several processes. */
  private boolean isOfGroup() {
    return all.isGroup() || from.settings().containsKey("processes");
  }

  /** Everything that decides the bits of a run. */
  private Map<String, String> settings() {
    if (settings == null) {
      Map<String, String> all = inputs.settings(job);
      measures.stream().filter(this::decides).forEach(m -> all.putAll(m.settings()));
      all.put("threads", "" + Engine.threads());
      all.put("processor", Processor.detect().model() + ", " + Engine.cpuCapability());
      if (this.all.isGroup()) {
        all.put("processes", this.all.size() + ", " + inputs.processes().sharding());
      }
      settings = all;
    }
    return settings;
  }

  /** Whether the best state is told by it. */
  private boolean decides(Measure measure) {
    return job.during().selection() != null
        && measure.names().contains(job.during().selection().metric());
  }

  /** The run is of this job, of which something was open before. */
  void settle(TuningJob settled) {
    job = settled;
    settings = null;
  }

  /** Whether the run goes on from a checkpoint. */
  boolean isResumed() {
    return from != null;
  }

  /** Steps that were taken before. */
  long stepsTaken() {
    return from == null ? 0 : from.position().steps();
  }

  /** Puts adapters and weights where they were. */
  void restore() {
    from.restore(inputs.model(), tuning);
    listener.message("resumed after step " + stepsTaken() + " from " + from.directory());
  }

  /** The log that must be on the disk when a checkpoint is. */
  void rely(MetricsLog metrics) {
    log = metrics;
  }

  @Override
  public Start start() {
    if (from == null) {
      if (all.isFirst()) {
        store.keepBest(Set.of()); // those of a run before
      }
      return Start.FROM_NOTHING;
    }
    return new Start(start, from.optimizer());
  }

  @Override
  public boolean isDue(long steps) {
    return due.after(steps);
  }

  /** Deletes what was copied from another process. */
  @Override
  public void close() {
    shared.close();
  }

  /** Shapes that a rank multiplies, and the kernel that it found fastest, may be its own. */
  @Override
  public void beforeSave() {
    kernels = Agreement.told(all, ProductKernels.inUse());
  }

  /** Beside its own files, a checkpoint has the adapter in PEFT's format, to be used as one. */
  @Override
  public void save(TrainingPosition position, Map<String, Tensor> state) {
    if (log != null) {
      log.sync();
    }
    Path written =
        store.write(
            position.steps(),
            job.saving().keep(),
            directory -> {
              TuningCheckpoint.write(directory, tuning, position, state, settings(), kernels);
              if (!job.method().trainsBase()) {
                tuning.write(directory, inputs.base());
              }
            });
    due.written();
    listener.checkpoint(position.steps(), written);
  }

  /** As a checkpoint, without what only a run that goes on needs. */
  @Override
  public void keepBest(TrainingPosition position) {
    store.writeBest(
        position.steps(),
        spokenOf(),
        directory -> {
          TuningCheckpoint.write(directory, tuning, position, null, settings(), List.of());
          if (!job.method().trainsBase()) {
            tuning.write(directory, inputs.base());
          }
        });
  }

  /** The best states that checkpoints speak of: a run that goes on from one may end with it. */
  private Set<Long> spokenOf() {
    Set<Long> steps = new HashSet<>();
    store.all().forEach(checkpoint -> bestOf(checkpoint).ifPresent(b -> steps.add(b.steps())));
    return steps;
  }

  /** Nothing of a damaged one, which nobody goes on from. */
  private static Optional<Best> bestOf(Path checkpoint) {
    try {
      return Optional.ofNullable(TuningCheckpoint.read(checkpoint).position().standing().best());
    } catch (InputFault e) {
      return Optional.empty();
    }
  }

  /** Puts adapters and weights where they were best. */
  void restoreBest(Best best) {
    TuningCheckpoint.read(store.best(best.steps())).restore(inputs.model(), tuning);
  }
}
