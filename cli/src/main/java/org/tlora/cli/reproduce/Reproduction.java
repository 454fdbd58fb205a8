/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.reproduce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;

/**
 * Goes through a protocol by the program's own commands, which it says before it runs them: rows
 * are made ready, each method trains and is scored, and a table is written. What is done already is
 * not done again, and a training that was cut goes on.
 */
public final class Reproduction {
  private static final String DONE = "trained.json";

  private final Plan plan;
  private final Protocol.Scale scale;
  private final Commands commands;
  private final Consumer<String> told;

  /** Runs a command line of this program. */
  @FunctionalInterface
  public interface Commands {
    /**
     * Runs it.
     *
     * @return the exit status
     */
    int run(List<String> arguments);
  }

  /**
   * What is asked for.
   *
   * @param from where published files lie
   * @param methods as {@code tlora compare} names them, NAME:option=value
   * @param engine options of trainings and evaluations alike
   * @param training further options of trainings
   * @param judge options of the judge, where there is one
   * @param limit rows of a task; 0: those of the protocol
   * @param stopAfter steps after which a training stops, and nothing is scored; 0: at its end
   */
  public record Plan(
      Protocol protocol,
      String scale,
      String model,
      Path from,
      Path output,
      List<String> methods,
      long seed,
      List<String> engine,
      List<String> training,
      List<String> judge,
      int limit,
      int stopAfter) {}

  /**
   * A reproduction.
   *
   * @param told is told of every command before it runs
   */
  public Reproduction(Plan plan, Commands commands, Consumer<String> told) {
    this.plan = plan;
    this.commands = commands;
    this.told = told;
    scale = plan.protocol().scale(plan.scale());
  }

  /**
   * Runs it.
   *
   * @return 0, or the status of the command that did not end with 0
   * @throws InputFault if files are missing; the message says which and where they are from
   */
  public int run() {
    requireFiles();
    AtomicFiles.prepareDirectory(plan.output());
    for (String method : plan.methods()) {
      for (Protocol.Leg leg : scale.legs()) {
        int status = train(method, leg);
        if (status == 0 && plan.stopAfter() == 0) {
          status = score(method, leg);
        }
        if (status != 0) {
          return status;
        }
      }
    }
    if (plan.stopAfter() > 0) {
      told.accept("stopped after " + plan.stopAfter() + " steps, as asked; nothing is scored");
      return 0;
    }
    String table = table();
    AtomicFiles.writeText(plan.output().resolve("reproduction.md"), table);
    System.out.print(table);
    return 0;
  }

  private void requireFiles() {
    Map<String, String> missing = new LinkedHashMap<>();
    for (Protocol.Leg leg : scale.legs()) {
      require(leg.data().file(), leg.data().from(), missing);
      if (plan.stopAfter() == 0) {
        leg.tasks().forEach(t -> require(t.file(), t.from(), missing));
      }
    }
    if (!missing.isEmpty()) {
      String all =
          missing.entrySet().stream()
              .map(e -> e.getKey() + " (" + e.getValue() + ")")
              .collect(Collectors.joining(", "));
      throw new InputFault(plan.from() + " lacks " + all);
    }
  }

  private void require(String file, String from, Map<String, String> missing) {
    if (find(file) == null) {
      missing.put(file, from);
    }
  }

  /** A file in the directory, or in one within it. */
  private Path find(String file) {
    for (String within : List.of("", "glue", "commonsense", "arithmetic")) {
      Path path = plan.from().resolve(within).resolve(file);
      if (Files.exists(path)) {
        return path;
      }
    }
    return null;
  }

  private Path directory(String method, Protocol.Leg leg) {
    Path one = plan.output().resolve(method.replaceAll("[^A-Za-z0-9+.-]", "_"));
    return leg.name() == null ? one : one.resolve(leg.name());
  }

  private int train(String method, Protocol.Leg leg) {
    Path output = directory(method, leg);
    if (Files.exists(output.resolve(DONE))) {
      told.accept(output + ": trained before");
      return 0;
    }
    Path rows = plan.output().resolve("rows");
    AtomicFiles.prepareDirectory(rows);
    String name = leg.name() == null ? "" : leg.name() + "-";
    Path source = find(leg.data().file());
    List<String> all = new ArrayList<>(List.of("train", "--recipe", scale.recipe()));
    all.addAll(List.of("--model", plan.model(), "--data"));
    all.add(PreparedRows.trained(leg.data(), source, rows.resolve(name + "train.jsonl")) + "");
    if (leg.data().columns() != null) {
      all.addAll(List.of("--columns", String.join(",", leg.data().columns())));
    }
    all.addAll(methodOptions(method));
    Protocol.Calibration calibration = scale.calibration();
    if (calibration != null && calibrates(method)) {
      Path file = rows.resolve(name + "calibration.jsonl");
      PreparedRows.calibrated(leg.data(), calibration, source, file);
      addUnlessGiven(all, "--calibration-data", file + "");
      addUnlessGiven(all, "--calibration-samples", calibration.rows() + "");
    }
    addUnlessGiven(all, "--seed", plan.seed() + "");
    leg.options().forEach((option, value) -> addUnlessGiven(all, "--" + option, value));
    all.addAll(plan.engine());
    all.addAll(plan.training());
    all.addAll(List.of("--output", output + ""));
    if (Files.exists(output.resolve("run.yaml"))) {
      all.add("--resume");
    }
    if (plan.stopAfter() > 0) {
      all.addAll(List.of("--stop-after", plan.stopAfter() + ""));
    }
    int status = run(all);
    if (status == 0 && plan.stopAfter() == 0) {
      AtomicFiles.writeText(output.resolve(DONE), Json.pretty(Json.object().put("method", method)));
    }
    return status;
  }

  /** What is said for each training counts before what the protocol says. */
  private void addUnlessGiven(List<String> all, String option, String value) {
    boolean given =
        plan.training().stream().anyMatch(t -> t.equals(option) || t.startsWith(option + "="));
    if (!given) {
      all.addAll(List.of(option, value));
    }
  }

  /** Whether rows to calibrate on mean something to a method. */
  private static boolean calibrates(String method) {
    PeftOptions options =
        new PeftOptions(PeftOptions.DEFAULT_RANK, false, Double.NaN, 0, own(method));
    return !PeftMethods.named(method.split(":")[0]).needs(options).isEmpty();
  }

  private static List<String> methodOptions(String method) {
    List<String> all = new ArrayList<>(List.of("--method", method.split(":")[0]));
    own(method)
        .forEach(
            (option, value) -> {
              if (!value.equals("false")) {
                all.add("--" + option);
              }
              if (!value.equals("true") && !value.equals("false")) {
                all.add(value);
              }
            });
    return all;
  }

  /** The options behind a method's name. */
  private static Map<String, String> own(String method) {
    Map<String, String> own = new LinkedHashMap<>();
    String[] parts = method.split(":");
    for (int i = 1; i < parts.length; i++) {
      String[] both = parts[i].split("=", 2);
      if (both.length < 2) {
        throw new UsageFault("--methods: " + method + " does not look like NAME:option=value");
      }
      own.put(both[0], both[1]);
    }
    return own;
  }

  private int score(String method, Protocol.Leg leg) {
    Path trained = directory(method, leg);
    for (Protocol.Scored task : leg.tasks()) {
      Path score = trained.resolve("score-" + task.task() + ".json");
      if (Files.exists(score)) {
        told.accept(score + ": scored before");
        continue;
      }
      List<String> all = new ArrayList<>(List.of("evaluate", "--task", task.task()));
      all.addAll(List.of("--task-data", find(task.file()) + ""));
      boolean isWhole = Files.exists(trained.resolve("model.safetensors"));
      all.addAll(List.of("--model", isWhole ? trained + "" : plan.model()));
      if (!isWhole) {
        all.addAll(List.of("--adapter", trained + ""));
      }
      int limit = plan.limit() == 0 ? task.limit() : plan.limit();
      if (limit > 0) {
        all.addAll(List.of("--limit", limit + ""));
      }
      all.addAll(plan.engine());
      if (task.task().equals("mt-bench")) {
        all.addAll(List.of("--template", "alpaca", "--samples-format", "fastchat"));
        all.addAll(plan.judge());
      }
      // FastChat takes a model's name from its file
      String samples =
          task.task().equals("mt-bench") ? trained.getFileName() + "" : "samples-" + task.task();
      all.addAll(List.of("--samples", trained.resolve(samples + ".jsonl") + ""));
      all.addAll(List.of("--output", score + ""));
      int status = run(all);
      if (status != 0) {
        return status;
      }
    }
    return 0;
  }

  private int run(List<String> arguments) {
    told.accept("tlora " + String.join(" ", arguments));
    return commands.run(arguments);
  }

  private String table() {
    List<String> tasks =
        scale.legs().stream().flatMap(l -> l.tasks().stream()).map(Protocol.Scored::task).toList();
    List<ReproductionTable.Line> lines = new ArrayList<>();
    for (String method : plan.methods()) {
      Map<String, ReproductionTable.Score> scores = new LinkedHashMap<>();
      long trainable = 0;
      for (Protocol.Leg leg : scale.legs()) {
        Path trained = directory(method, leg);
        trainable =
            Json.readObject(trained.resolve("calibration.json"))
                .path("trainable_parameters")
                .asLong();
        for (Protocol.Scored task : leg.tasks()) {
          ObjectNode s = Json.readObject(trained.resolve("score-" + task.task() + ".json"));
          scores.put(
              task.task(),
              new ReproductionTable.Score(
                  s.path("metric").asText(),
                  s.path("value").asDouble(Double.NaN),
                  s.path("stderr").asDouble(),
                  s.path("count").asInt(s.path("answers").asInt())));
        }
      }
      lines.add(new ReproductionTable.Line(method.split(":")[0], method, trainable, scores));
    }
    return ReproductionTable.text(plan.protocol(), plan.scale(), plan.model(), tasks, lines);
  }
}
