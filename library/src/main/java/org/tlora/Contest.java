/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tlora.checkpoint.OutputLock;
import org.tlora.collective.Alone;
import org.tlora.collective.Collective;
import org.tlora.compare.Axis;
import org.tlora.compare.Comparison;
import org.tlora.compare.Competition;
import org.tlora.compare.Entry;
import org.tlora.compare.Halving;
import org.tlora.compare.Scoring;
import org.tlora.compare.TunedComparison;
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

  private static final Parts NOTHING =
      new Parts(
          List.of(),
          Map.of(),
          List.of(),
          null,
          null,
          List.of(),
          Map.of(),
          Halving.USUAL,
          null,
          null);

  private final Parts parts;

  /**
   * All of it.
   *
   * @param seeds none: that of the tuning
   * @param evaluation or null
   * @param testData or null
   * @param tuned what is searched for each method; none: nothing
   * @param grid values by what is searched
   * @param baseline or null: the first method
   * @param trial the only run that is taken, or null: all
   */
  private record Parts(
      List<String> methods,
      Map<String, String> options,
      List<Long> seeds,
      Evaluation evaluation,
      Path testData,
      List<String> tuned,
      Map<String, List<String>> grid,
      Halving halving,
      String baseline,
      String trial) {
    Parts withMethods(List<String> value) {
      return new Parts(
          value, options, seeds, evaluation, testData, tuned, grid, halving, baseline, trial);
    }

    Parts withOptions(Map<String, String> value) {
      return new Parts(
          methods, value, seeds, evaluation, testData, tuned, grid, halving, baseline, trial);
    }

    Parts withSeeds(List<Long> value) {
      return new Parts(
          methods, options, value, evaluation, testData, tuned, grid, halving, baseline, trial);
    }

    Parts scoredOn(Evaluation value, Path test) {
      return new Parts(methods, options, seeds, value, test, tuned, grid, halving, baseline, trial);
    }

    Parts tuned(List<String> axes, Map<String, List<String>> values, Halving how) {
      return new Parts(
          methods, options, seeds, evaluation, testData, axes, values, how, baseline, trial);
    }

    Parts withBaseline(String value) {
      return new Parts(
          methods, options, seeds, evaluation, testData, tuned, grid, halving, value, trial);
    }

    Parts only(String value) {
      return new Parts(
          methods, options, seeds, evaluation, testData, tuned, grid, halving, baseline, value);
    }
  }

  private Contest(Parts parts) {
    this.parts = parts;
  }

  /**
   * Methods by their names, or {@link #ALL}; {@code NAME:option=value} sets an option of one of
   * them, so that a method can come several times.
   */
  public static Contest of(String... methods) {
    return new Contest(NOTHING.withMethods(List.of(methods)));
  }

  /** The same, each run with each of these seeds. */
  public Contest withSeeds(List<Long> values) {
    return new Contest(parts.withSeeds(List.copyOf(values)));
  }

  /** The same with a value for an option of whichever methods have it. */
  public Contest with(String option, String value) {
    Map<String, String> more = new TreeMap<>(parts.options());
    more.put(option, value);
    return new Contest(parts.withOptions(more));
  }

  /** The same, with every method scored on tasks too. */
  public Contest scoredOn(Evaluation tasks) {
    return new Contest(parts.scoredOn(tasks, parts.testData()));
  }

  /** The same, with every method's loss on the rows of a file, which are trained on by none. */
  public Contest testedOn(Path rows) {
    return new Contest(parts.scoredOn(parts.evaluation(), rows));
  }

  /**
   * The same, with each method at its best: what is named is searched for it by the loss on rows to
   * evaluate on, and the best setting alone trains with all seeds and is scored.
   *
   * @param what any of {@code learning-rate}, {@code alpha} and {@code rank}
   */
  public Contest tuned(List<String> what) {
    return new Contest(parts.tuned(List.copyOf(what), parts.grid(), parts.halving()));
  }

  /**
   * The same with other values to try.
   *
   * @param what one of those that are searched
   */
  public Contest withGrid(String what, List<String> values) {
    Map<String, List<String>> more = new TreeMap<>(parts.grid());
    more.put(what, List.copyOf(values));
    return new Contest(parts.tuned(parts.tuned(), more, parts.halving()));
  }

  /** The same with another number of rounds in the search. */
  public Contest withRounds(int rounds) {
    return searching(new Halving(rounds, parts.halving().factor()));
  }

  /** The same with so many times fewer settings, and more steps, from a round to the next. */
  public Contest withFactor(int factor) {
    return searching(new Halving(parts.halving().rounds(), factor));
  }

  private Contest searching(Halving halving) {
    return new Contest(parts.tuned(parts.tuned(), parts.grid(), halving));
  }

  /** The same with the row that the others are compared with; otherwise it is the first. */
  public Contest comparedWith(String baseline) {
    return new Contest(parts.withBaseline(baseline));
  }

  /**
   * The same, of which one run alone is taken: {@link LanguageModel#trials} says which there are.
   * Several machines that see the same output can each take another.
   */
  public Contest only(String trial) {
    return new Contest(parts.only(trial));
  }

  /** What is compared on a model. */
  private record Made(TuningJob job, List<Entry> entries, Scoring scoring) {}

  private Made made(Tuning shared, LanguageModelLoader.Place model) {
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
    own.putAll(parts.options());
    PeftOptions common =
        new PeftOptions(peft.rank(), peft.rankGiven(), peft.alpha(), peft.dropout(), own);
    Evaluation evaluation = parts.evaluation();
    if (evaluation != null && evaluation.keepsSamples()) {
      throw new UsageFault("`samples` go with one model: a comparison keeps none");
    }
    List<Entry> entries = Entry.of(parts.methods(), common);
    requireSearch();
    Scoring scoring =
        new Scoring(
            evaluation == null ? List.of() : evaluation.rows(),
            evaluation == null ? TaskRunner.How.GREEDY : evaluation.how(),
            parts.testData());
    boolean exact = entries.stream().anyMatch(e -> e.method().trainsBase());
    return new Made(exact ? shared.exactlyOn(model) : shared.on(model), entries, scoring);
  }

  boolean run(Tuning shared, LanguageModelLoader.Place model, Collective group, StopSignal stop) {
    Made made = made(shared, model);
    TuningJob job = made.job();
    try (Listeners listeners =
        group.isFirst() ? Listeners.of(shared.listeners()) : Listeners.none()) {
      if (parts.trial() != null) {
        return tuned(made, shared, listeners, stop, group).only(parts.trial());
      }
      RunFile started =
          group.isFirst() ? started(job.output(), shared.runFile(job.model())) : RunFile.NONE;
      try {
        boolean done =
            parts.tuned().isEmpty()
                ? new Comparison(competition(made, shared, listeners, stop, group)).run()
                : tuned(made, shared, listeners, stop, group).run();
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

  /** The runs of a search that can be taken now; none: the tables are written. */
  List<String> trials(Tuning shared, LanguageModelLoader.Place model, StopSignal stop) {
    if (parts.tuned().isEmpty()) {
      throw new UsageFault("trials are those of a search: `tune` says what is searched");
    }
    Made made = made(shared, model);
    try (Listeners listeners = Listeners.of(shared.listeners())) {
      return tuned(made, shared, listeners, stop, new Alone()).next();
    }
  }

  private TunedComparison tuned(
      Made made, Tuning shared, Listeners listeners, StopSignal stop, Collective group) {
    return new TunedComparison(competition(made, shared, listeners, stop, group), search());
  }

  private Competition competition(
      Made made, Tuning shared, Listeners listeners, StopSignal stop, Collective group) {
    return new Competition(
        made.job(),
        made.entries(),
        seeds(shared),
        made.scoring(),
        listeners,
        stop,
        shared.processes(group));
  }

  private List<Long> seeds(Tuning shared) {
    return parts.seeds().isEmpty() ? List.of(shared.seed()) : parts.seeds();
  }

  private TunedComparison.Search search() {
    List<Axis> axes = parts.tuned().stream().map(Axis::named).distinct().toList();
    return new TunedComparison.Search(axes, parts.grid(), parts.halving(), parts.baseline());
  }

  private void requireSearch() {
    if (parts.tuned().isEmpty()
        && !(parts.grid().isEmpty()
            && parts.halving().equals(Halving.USUAL)
            && parts.baseline() == null
            && parts.trial() == null)) {
      throw new UsageFault(
          "`grid`, `tuneRounds`, `tuneFactor`, `baseline` and `trial` go with `tune`");
    }
  }

  private static RunFile started(Path output, String text) {
    AtomicFiles.prepareDirectory(output);
    try (OutputLock lock = OutputLock.of(output)) {
      return RunFile.begin(output, text);
    }
  }
}
