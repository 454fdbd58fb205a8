/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.tlora.calibrate.Statistic;
import org.tlora.fault.Property;
import org.tlora.peft.method.AdaLora;
import org.tlora.peft.method.Corda;
import org.tlora.peft.method.Eva;
import org.tlora.peft.method.Gora;
import org.tlora.peft.method.LoraGa;
import org.tlora.peft.method.LoraOne;
import org.tlora.peft.method.Tlora;
import org.tlora.tune.TuningJob;

/**
 * Options that somebody has given and that do nothing in this run: by themselves they are right,
 * but the method, other options, or the kind of the model leave nothing for them to decide. What is
 * wrong is refused elsewhere. An option whose value is the usual one was not given, since {@code
 * run.yaml} has them all.
 */
final class IdleOptions {
  /**
   * What decides whether an option does something.
   *
   * @param isEncoder whether the model learns labels
   * @param isGroup whether several processes share the run
   * @param isScored whether tasks are scored at evaluations
   */
  record Run(TuningJob job, boolean isEncoder, boolean isGroup, boolean isScored) {
    /** Whether there is something to find out at an evaluation. */
    boolean isEvaluated() {
      return job.evalData() != null
          || job.heldOut() > 0
          || job.validationShare() > 0
          || isScored
          || job.during().selection() != null;
    }

    Set<Statistic> needs() {
      return job.method().needs(job.peft());
    }

    String method() {
      return "`method` " + job.method().name();
    }
  }

  /**
   * Options that do nothing together.
   *
   * @param names as on the command line
   * @param why says it of a run
   */
  private record Rule(List<String> names, Predicate<Run> isIdle, Function<Run, String> why) {}

  private static final List<String> CALIBRATION =
      List.of(
          "calibration-data",
          "calibration-samples",
          "calibration-memory",
          "calibration-batch-size",
          "calibration-cache");

  /** What methods decide when an adapter starts. */
  private static final List<String> STARTS =
      Stream.concat(
              Stream.of("alpha", "target-modules", "lora-start", "pissa-iterations"),
              Stream.of(
                      Tlora.ALLOCATION,
                      Tlora.ALPHA_ALLOCATION,
                      Tlora.INIT,
                      Tlora.SCORE,
                      Tlora.SCALING,
                      Tlora.WHITEN,
                      Tlora.TRAINABLE_PARAMETERS,
                      Tlora.TRAINABLE_SHARE,
                      Corda.MODE,
                      LoraGa.VARIANT,
                      LoraGa.GAMMA,
                      AdaLora.INITIAL_RANK,
                      Eva.RHO,
                      Eva.TAU,
                      Eva.WHITEN,
                      LoraOne.GAMMA,
                      Gora.RATE,
                      Gora.LEAST,
                      Gora.MOST,
                      Gora.DIRECTION,
                      Gora.SIZE)
                  .map(o -> o.name()))
          .toList();

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              List.of("rank", "alpha", "dropout", "target-modules"),
              run -> run.job().method().trainsBase(),
              run -> run.method() + " trains all weights and has no adapter"),
          new Rule(
              STARTS,
              run -> run.job().initAdapter() != null,
              run -> "`initAdapter` says what the run starts from"),
          new Rule(
              List.of("rank"),
              // whose budget falls to that rank wherever it starts
              run ->
                  run.job().initAdapter() != null && !run.job().method().name().equals("adalora"),
              run -> "the ranks are those of `initAdapter`"),
          new Rule(
              CALIBRATION,
              run -> run.needs().isEmpty(),
              run ->
                  run.method() + " does not calibrate" + (own(run) ? " with these options" : "")),
          new Rule(
              CALIBRATION,
              run -> run.job().initAdapter() != null,
              run -> "a run that starts from `initAdapter` does not calibrate"),
          new Rule(
              List.of("score"),
              run ->
                  Stream.of(Tlora.ALLOCATION, Tlora.ALPHA_ALLOCATION)
                      .noneMatch(o -> run.job().peft().text(o).equals("sensitivity")),
              run -> "neither ranks nor alpha are shared out by sensitivity"),
          new Rule(
              List.of("calibration-batch-size"),
              run ->
                  !run.needs().contains(Statistic.GRADIENT)
                      && !run.needs().contains(Statistic.COMPONENTS),
              run -> "it is for a mean gradient, which " + run.method() + " does not look at"),
          new Rule(
              List.of("calibration-cache", "calibration-memory"),
              run -> run.needs().equals(Set.of(Statistic.COMPONENTS)),
              run -> "the components that " + run.method() + " looks for are small and not kept"),
          new Rule(
              List.of("calibration-samples"),
              run ->
                  run.job().calibration().untilSettled()
                      && !run.needs().contains(Statistic.SENSITIVITY),
              run ->
                  "auto goes by the ranks that are shared out, and "
                      + run.method()
                      + " gives all layers the same: it looks at "
                      + run.job().calibration().samples()),
          new Rule(
              List.of("epochs"),
              run -> run.job().training().steps() > 0,
              run -> "`steps` says how long the run is"),
          new Rule(
              List.of("eval-every"),
              run -> !run.isEvaluated(),
              run -> "there are no rows to evaluate on (`evalData`, `heldOut`, `validationShare`)"),
          new Rule(
              List.of("base-weights"),
              run -> run.job().base().rounding() != null,
              run -> "`quantize` says what the base is held in"),
          new Rule(
              List.of("zero"), run -> !run.isGroup(), run -> "no other process shares the run"),
          new Rule(
              List.of(
                  "template",
                  "prompt-field",
                  "response-field",
                  "messages-field",
                  "learn",
                  "thoughts"),
              Run::isEncoder,
              run -> "the model is an encoder, which learns labels"),
          new Rule(
              List.of("pair-field", "label-field", "labels"),
              run -> !run.isEncoder(),
              run -> "the model writes text and learns no labels"));

  private IdleOptions() {}

  private static boolean own(Run run) {
    return !run.job().peft().own().isEmpty();
  }

  /**
   * A line for each that was given, of one that has several reasons the first.
   *
   * @param given values by the command line's names, usual ones as well
   */
  static List<String> notes(Map<String, Object> given, Run run) {
    Map<String, Object> usual = TuningBuilder.usual();
    return given.keySet().stream()
        .filter(name -> isChosen(given.get(name), usual.get(name)))
        .flatMap(name -> note(name, run))
        .toList();
  }

  private static boolean isChosen(Object value, Object usual) {
    return value != null && !value.equals(List.of()) && !Objects.equals(value, usual);
  }

  private static Stream<String> note(String name, Run run) {
    return RULES.stream()
        .filter(rule -> rule.names().contains(name) && rule.isIdle().test(run))
        .limit(1)
        .map(rule -> Property.named(name) + " does nothing: " + rule.why().apply(run));
  }
}
