/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.data.encode.LearnOptions;
import org.tlora.fault.Nearest;
import org.tlora.fault.Problems;
import org.tlora.fault.UsageFault;
import org.tlora.loading.MachineChoice;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.method.PeftMethods;
import org.tlora.pretrained.BaseWeights;
import org.tlora.train.Schedule;
import org.tlora.train.Sharding;
import org.tlora.tune.TuningJob;

/**
 * A fine-tuning by the names that the command line and {@code run.yaml} have for its options, such
 * as {@code learning-rate}, with their values as texts: for programs that are told of them by
 * others.
 */
public final class NamedOptions {
  private static final String METHOD = "method";
  private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,8})([KMGkmg])");

  /** Where a value goes. */
  private record Target(TuningBuilder tuning, RowReading.Builder rows) {}

  /** Takes an option's values. */
  private interface Setter {
    void set(Target target, String name, List<String> values);
  }

  private static final Map<String, Setter> SETTERS = setters();

  private NamedOptions() {}

  /** The names, but those that belong to one method. */
  public static Set<String> names() {
    Set<String> all = new TreeSet<>(SETTERS.keySet());
    all.add(METHOD);
    return all;
  }

  /**
   * The names that options take which take no other value, by the names of the options; methods'
   * own options are among them.
   */
  public static Map<String, List<String>> choices() {
    Map<String, List<String>> all = new TreeMap<>();
    all.put(METHOD, PeftMethods.names());
    all.put("template", TuningJob.templates());
    all.put("schedule", Schedule.names());
    all.put("dtype", MachineChoice.computeTypes());
    all.put("base-weights", BaseWeights.forms());
    all.put("quantize", BaseWeights.roundings());
    all.put("zero", Sharding.stages());
    all.put("format", RowReading.formats());
    all.put("on-bad-row", RowReading.ON_BAD_ROW);
    all.put("on-unused-field", RowReading.ON_UNUSED_FIELD);
    all.put("learn", LearnOptions.answerNames());
    all.put("thoughts", LearnOptions.thoughtNames());
    for (PeftMethod method : PeftMethods.all()) {
      for (MethodOption<?> option : method.options()) {
        if (option.kind() == MethodOption.Kind.CHOICE) {
          all.put(option.name(), option.choices());
        }
      }
    }
    return all;
  }

  /** The methods that make adapters, by their names. */
  public static List<String> methods() {
    return PeftMethods.all().stream().filter(m -> !m.trainsBase()).map(PeftMethod::name).toList();
  }

  /**
   * A builder with these options.
   *
   * @param options the values of each; a flag's is true or false
   * @throws UsageFault with everything that is no option, or no value of one
   */
  public static TuningBuilder tuning(Map<String, List<String>> options) {
    Problems problems = new Problems();
    Target target = new Target(Tuning.builder(), RowReading.builder());
    Method method = problems.gather(() -> Method.named(one(options, METHOD, "tlora")));
    Map<String, String> own = new TreeMap<>();
    Set<String> ownNames = new TreeSet<>();
    if (method != null) {
      method.method().options().stream().map(MethodOption::name).forEach(ownNames::add);
    }
    options.forEach(
        (name, values) -> {
          Setter setter = SETTERS.get(name);
          if (setter != null) {
            problems.gather(
                () -> {
                  setter.set(target, name, values);
                  return true;
                });
          } else if (ownNames.contains(name)) {
            problems.gather(() -> own.put(name, one(options, name, "")));
          } else if (!name.equals(METHOD) && method != null) {
            Set<String> known = new TreeSet<>(names());
            known.addAll(ownNames);
            problems.require(
                false,
                "'"
                    + name
                    + "' is no option of `method` "
                    + method.name()
                    + Nearest.of(name, known).map(k -> "; did you mean `" + k + "`?").orElse(""));
          }
        });
    RowReading rows = problems.gather(target.rows::build);
    problems.end();
    return target.tuning.rows(rows).method(method.with(own));
  }

  private static String one(Map<String, List<String>> options, String name, String otherwise) {
    List<String> values = options.getOrDefault(name, List.of(otherwise));
    if (values.size() != 1) {
      throw new UsageFault("`" + name + "` takes one value, not " + values.size());
    }
    return values.get(0);
  }

  private static <T> Setter tuning(
      BiConsumer<TuningBuilder, T> setter, String what, Function<String, T> read) {
    return (target, name, values) -> setter.accept(target.tuning, value(name, values, what, read));
  }

  private static Setter rows(BiConsumer<RowReading.Builder, String> setter) {
    return (target, name, values) ->
        setter.accept(target.rows, value(name, values, "a text", Function.identity()));
  }

  private static Setter list(BiConsumer<TuningBuilder, String[]> setter) {
    return (target, name, values) -> setter.accept(target.tuning, values.toArray(String[]::new));
  }

  private static <T> T value(
      String name, List<String> values, String what, Function<String, T> read) {
    if (values.size() == 1) {
      try {
        return read.apply(values.get(0));
      } catch (IllegalArgumentException e) {
        throw new UsageFault("`" + name + "` must be " + what + ", not " + values.get(0), e);
      }
    }
    throw new UsageFault("`" + name + "` takes one value, not " + values.size());
  }

  private static boolean truth(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new IllegalArgumentException(text);
    }
    return text.equals("true");
  }

  private static long bytes(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new IllegalArgumentException(text);
    }
    int shift = 10 * ("KMG".indexOf(size.group(2).toUpperCase(Locale.ROOT)) + 1);
    return Long.parseLong(size.group(1)) << shift;
  }

  private static Map<String, Setter> setters() {
    String whole = "a whole number";
    String number = "a number";
    String flag = "true or false";
    Map<String, Setter> all = new LinkedHashMap<>();
    all.put("data", list(TuningBuilder::data));
    all.put("output", tuning(TuningBuilder::output, "a path", Path::of));
    all.put("eval-data", tuning(TuningBuilder::evalData, "a path", Path::of));
    all.put("held-out", tuning(TuningBuilder::heldOut, whole, Integer::valueOf));
    all.put("validation-share", tuning(TuningBuilder::validationShare, number, Double::valueOf));
    all.put("eval-every", tuning(TuningBuilder::evalEvery, whole, Long::valueOf));
    watching(all);
    all.put("template", tuning(TuningBuilder::template, "a text", Function.identity()));
    all.put("cutoff-length", tuning(TuningBuilder::cutoffLength, whole, Integer::valueOf));
    all.put("rank", tuning(TuningBuilder::rank, whole, Integer::valueOf));
    all.put("alpha", tuning(TuningBuilder::alpha, number, Double::valueOf));
    all.put("dropout", tuning(TuningBuilder::dropout, number, Double::valueOf));
    all.put("target-modules", list(TuningBuilder::targetModules));
    all.put("modules-to-save", list(TuningBuilder::modulesToSave));
    all.put("trainable-tokens", list(TuningBuilder::trainableTokens));
    all.put("new-tokens", list(TuningBuilder::newTokens));
    all.put("epochs", tuning(TuningBuilder::epochs, number, Double::valueOf));
    all.put("steps", tuning(TuningBuilder::steps, whole, Long::valueOf));
    all.put("batch-size", tuning(TuningBuilder::batchSize, whole, Integer::valueOf));
    all.put("micro-batch-size", tuning(TuningBuilder::microBatchSize, whole, Integer::valueOf));
    Setter rate = tuning(TuningBuilder::learningRate, "auto or a number", Double::valueOf);
    all.put(
        "learning-rate",
        (t, name, v) -> {
          if (v.equals(List.of("auto"))) {
            t.tuning.automaticLearningRate();
          } else {
            rate.set(t, name, v);
          }
        });
    all.put("schedule", tuning(TuningBuilder::schedule, "a text", Function.identity()));
    all.put("warmup-ratio", tuning(TuningBuilder::warmupRatio, number, Double::valueOf));
    all.put("weight-decay", tuning(TuningBuilder::weightDecay, number, Double::valueOf));
    all.put("max-grad-norm", tuning(TuningBuilder::maxGradNorm, number, Double::valueOf));
    all.put("no-shuffle", tuning((t, v) -> t.shuffle(!v), flag, NamedOptions::truth));
    all.put(
        "gradient-checkpointing",
        tuning(TuningBuilder::gradientCheckpointing, flag, NamedOptions::truth));
    all.put("zero", tuning(TuningBuilder::zero, whole, Integer::valueOf));
    all.put("max-bad-steps", tuning(TuningBuilder::maxBadSteps, whole, Integer::valueOf));
    all.put("save-every", tuning(TuningBuilder::saveEvery, "a text", Function.identity()));
    all.put("keep", tuning(TuningBuilder::keep, whole, Integer::valueOf));
    all.put("calibration-data", tuning(TuningBuilder::calibrationData, "a path", Path::of));
    all.put(
        "calibration-samples",
        tuning(TuningBuilder::calibrationSamples, "a text", Function.identity()));
    all.put(
        "calibration-memory",
        tuning(TuningBuilder::calibrationMemory, "a size such as 512M or 4G", NamedOptions::bytes));
    all.put(
        "calibration-batch-size",
        tuning(TuningBuilder::calibrationBatchSize, whole, Integer::valueOf));
    all.put("calibration-cache", tuning(TuningBuilder::calibrationCache, "a path", Path::of));
    all.put("init-adapter", tuning(TuningBuilder::initAdapter, "a path", Path::of));
    all.put("dtype", tuning(TuningBuilder::dtype, "a text", Function.identity()));
    all.put("base-weights", tuning(TuningBuilder::baseWeights, "a text", Function.identity()));
    all.put("quantize", tuning(TuningBuilder::quantize, "a text", Function.identity()));
    all.put("seed", tuning(TuningBuilder::seed, whole, Long::valueOf));
    all.put("format", rows(RowReading.Builder::format));
    all.put("prompt-field", rows(RowReading.Builder::promptField));
    all.put("response-field", rows(RowReading.Builder::responseField));
    all.put("messages-field", rows(RowReading.Builder::messagesField));
    all.put("text-field", rows(RowReading.Builder::textField));
    all.put("pair-field", rows(RowReading.Builder::pairField));
    all.put("label-field", rows(RowReading.Builder::labelField));
    all.put("labels", (t, name, v) -> t.rows.labels(v.toArray(String[]::new)));
    all.put("columns", (t, name, v) -> t.rows.columns(v.toArray(String[]::new)));
    all.put("on-bad-row", rows(RowReading.Builder::onBadRow));
    all.put("on-unused-field", rows(RowReading.Builder::onUnusedField));
    all.put("learn", rows(RowReading.Builder::learn));
    all.put("thoughts", rows(RowReading.Builder::thoughts));
    return all;
  }

  /** What is looked at during a run. */
  private static void watching(Map<String, Setter> all) {
    String whole = "a whole number";
    all.put("eval-tasks", list(TuningBuilder::evalTasks));
    all.put(
        "eval-task-data",
        (t, name, v) -> t.tuning.evalTaskData(v.stream().map(Path::of).toArray(Path[]::new)));
    all.put("eval-task-limit", tuning(TuningBuilder::evalTaskLimit, whole, Integer::valueOf));
    all.put(
        "early-stopping-patience",
        tuning(TuningBuilder::earlyStoppingPatience, whole, Integer::valueOf));
    all.put(
        "early-stopping-threshold",
        tuning(TuningBuilder::earlyStoppingThreshold, "a number", Double::valueOf));
    all.put("best-metric", tuning(TuningBuilder::bestMetric, "a text", Function.identity()));
    all.put("sample-every", tuning(TuningBuilder::sampleEvery, whole, Long::valueOf));
    all.put("sample-prompts", list(TuningBuilder::samplePrompts));
    all.put("track", list(TuningBuilder::track));
  }

  /** Options as {@code run.yaml} has them: a line each. */
  public static String yaml(Map<String, List<String>> options) {
    Map<String, Object> all = new LinkedHashMap<>();
    options.forEach(
        (name, values) ->
            all.put(name, values.size() == 1 ? values.get(0) : new ArrayList<>(values)));
    return RunFile.text(all);
  }
}
