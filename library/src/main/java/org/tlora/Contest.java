/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tlora.checkpoint.OutputLock;
import org.tlora.collective.Collective;
import org.tlora.compare.Comparison;
import org.tlora.compare.Entry;
import org.tlora.evaluate.TaskRows;
import org.tlora.evaluate.TaskRunner;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.peft.PeftOptions;
import org.tlora.run.Listeners;
import org.tlora.run.StopSignal;
import org.tlora.tune.TuningJob;

/**
 * Methods that are trained on the same rows with the same budget, the seeds of each, and what they
 * are scored on. Immutable; safe for threads.
 */
public final class Contest {
  /** Stands for every method, with the variants that it names itself. */
  public static final String ALL = Entry.ALL;

  private final List<String> methods;
  private final Map<String, String> options;
  private final List<Long> seeds; // none: that of the tuning
  private final Evaluation evaluation; // or null

  private Contest(
      List<String> methods, Map<String, String> options, List<Long> seeds, Evaluation evaluation) {
    this.methods = List.copyOf(methods);
    this.options = Map.copyOf(options);
    this.seeds = List.copyOf(seeds);
    this.evaluation = evaluation;
  }

  /**
   * Methods by their names, or {@link #ALL}; {@code NAME:option=value} sets an option of one of
   * them, so that a method can come several times.
   */
  public static Contest of(String... methods) {
    return new Contest(List.of(methods), Map.of(), List.of(), null);
  }

  /** The same, each run with each of these seeds. */
  public Contest withSeeds(List<Long> values) {
    return new Contest(methods, options, values, evaluation);
  }

  /** The same with a value for an option of whichever methods have it. */
  public Contest with(String option, String value) {
    Map<String, String> more = new TreeMap<>(options);
    more.put(option, value);
    return new Contest(methods, more, seeds, evaluation);
  }

  /** The same, with every method scored on tasks too. */
  public Contest scoredOn(Evaluation tasks) {
    return new Contest(methods, options, seeds, tasks);
  }

  boolean run(Tuning shared, LanguageModelLoader.Place model, Collective group, StopSignal stop) {
    if (shared.startsFromAdapter()) {
      throw new UsageFault("`initAdapter` is one method's: a comparison starts each method itself");
    }
    if (shared.tasks() != null || !shared.trackers().isEmpty()) {
      throw new UsageFault(
          (shared.tasks() != null ? "`evalTasks`" : "`track`")
              + " goes with one run: a comparison has none of that");
    }
    PeftOptions peft = shared.peft();
    Map<String, String> own = new TreeMap<>(peft.own());
    own.putAll(options);
    PeftOptions common =
        new PeftOptions(peft.rank(), peft.rankGiven(), peft.alpha(), peft.dropout(), own);
    if (evaluation != null && evaluation.keepsSamples()) {
      throw new UsageFault("`samples` go with one model: a comparison keeps none");
    }
    List<Entry> entries = Entry.of(methods, common);
    List<TaskRows> tasks = evaluation == null ? List.of() : evaluation.rows();
    boolean exact = entries.stream().anyMatch(e -> e.method().trainsBase());
    TuningJob job = exact ? shared.exactlyOn(model) : shared.on(model);
    boolean first = group.isFirst();
    try (Listeners listeners = first ? Listeners.of(shared.listeners()) : Listeners.none()) {
      RunFile started = first ? started(job.output(), shared.runFile(job.model())) : RunFile.NONE;
      try {
        List<Long> all = seeds.isEmpty() ? List.of(shared.seed()) : seeds;
        boolean done =
            new Comparison(
                    job, entries, all, tasks, how(), listeners, stop, shared.processes(group))
                .run();
        listeners.message(
            done
                ? "comparison.md, comparison.csv and comparison.html in " + job.output()
                : "interrupted; the same command goes on from here");
        return done;
      } catch (UsageFault | InputFault e) {
        started.takeBack(); // it holds results of other settings, or there is nothing to compare
        throw e;
      }
    }
  }

  private TaskRunner.How how() {
    return evaluation == null ? TaskRunner.How.GREEDY : evaluation.how();
  }

  private static RunFile started(Path output, String text) {
    AtomicFiles.prepareDirectory(output);
    try (OutputLock lock = OutputLock.of(output)) {
      return RunFile.begin(output, text);
    }
  }
}
