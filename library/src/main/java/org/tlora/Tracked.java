/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tlora.run.Listeners;
import org.tlora.track.TrackedRun;
import org.tlora.track.Trackers;
import org.tlora.track.Tracking;
import org.tlora.tune.Resuming;
import org.tlora.tune.RunSamples;
import org.tlora.tune.TuningJob;
import org.tlora.tune.TuningRun;

/** A run that trackers are told of, those that its tuning names. */
final class Tracked implements AutoCloseable {
  /** Of a process whose group's first one does it. */
  static final Tracked NOT = new Tracked(Listeners.none(), List.of());

  /** What of a run's output people want to see beside its numbers. */
  private static final List<String> FILES =
      List.of("report.html", "adapter_config.json", "run.yaml", RunSamples.FILE);

  private final Listeners listeners;
  private final List<Tracking> trackings;

  private Tracked(Listeners listeners, List<Tracking> trackings) {
    this.listeners = listeners;
    this.trackings = trackings;
  }

  /**
   * Begins to tell them.
   *
   * @param rate the learning rate of the run
   */
  static Tracked of(Tuning tuning, TuningJob job, TuningRun run, double rate, Listeners listeners) {
    TrackedRun told =
        new TrackedRun(
            job.output(),
            run.stepsTaken(),
            going(tuning.resuming()),
            tuning.options(job.model(), rate),
            listeners::message);
    List<Tracking> trackings = Trackers.open(tuning.trackers(), told, System.getenv());
    trackings.forEach(listeners::add);
    return new Tracked(listeners, trackings);
  }

  private static TrackedRun.Going going(Resuming resuming) {
    return switch (resuming) {
      case NO -> TrackedRun.Going.ANEW;
      case IF_UNCHANGED -> TrackedRun.Going.ON;
      case ANYWAY -> TrackedRun.Going.ON_CHANGED;
    };
  }

  /** All is there. */
  void written(Path output) {
    FILES.stream().map(output::resolve).filter(Files::exists).forEach(listeners::written);
  }

  /** Waits until all was told, and a few seconds until it has arrived. */
  @Override
  public void close() {
    listeners.flush();
    trackings.forEach(Tracking::close);
  }
}
