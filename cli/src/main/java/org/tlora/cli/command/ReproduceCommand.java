/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.cli.option.ProcessOptions;
import org.tlora.cli.reproduce.Protocol;
import org.tlora.cli.reproduce.Reproduction;
import org.tlora.cli.terminal.Notes;
import org.tlora.collective.World;
import org.tlora.fault.UsageFault;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlora reproduce}. */
@Command(
    name = "reproduce",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Repeat an experiment of the TLoRA paper: make its rows ready, train, score, and print the"
            + " paper's numbers beside those of the run. Started again, it goes on where it was.")
public final class ReproduceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "PROTOCOL",
      description = "math, code, chat, commonsense or nlu.")
  private String protocol;

  @Parameters(
      index = "1..*",
      paramLabel = "OPTION",
      description = "Behind --: further options of each training, such as -- --steps 100.")
  private List<String> training = new ArrayList<>();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "PATH",
      description = "As of tlora train; the paper's is Llama-2-7B.")
  private String model;

  @Option(
      names = "--scale",
      paramLabel = "full|small",
      defaultValue = "small",
      description =
          "full: rows, lengths and hyper-parameters as published; small: in minutes or hours on a"
              + " few cores (default: ${DEFAULT-VALUE}).")
  private String scale;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "DIR",
      description = "Where the published files lie; what is missing is named, with its source.")
  private Path from;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Where rows, trainings, samples, scores and reproduction.md go.")
  private Path output;

  @Option(
      names = "--methods",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "tlora",
      description =
          "Methods, one after the other; NAME:option=value sets an option of one of them (default:"
              + " ${DEFAULT-VALUE}).")
  private List<String> methods = new ArrayList<>();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "Only the first rows of each task; 0: as many as the protocol says.")
  private int limit;

  @Option(
      names = "--stop-after",
      paramLabel = "STEPS",
      defaultValue = "0",
      description =
          "Stop each training after so many steps of its whole length, and score nothing: a look at"
              + " whether it runs.")
  private int stopAfter;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}, the published one).")
  private long seed;

  @Option(names = "--dtype", paramLabel = "TYPE", description = "As of tlora train.")
  private String dtype;

  @Option(names = "--threads", paramLabel = "N", description = "As of tlora train.")
  private String threads;

  @Option(names = "--device", paramLabel = "DEVICE", description = "As of tlora train.")
  private String device;

  @Option(names = "--judge-url", paramLabel = "URL", description = "chat: as of tlora evaluate.")
  private String judgeUrl;

  @Option(names = "--judge-model", paramLabel = "NAME", description = "chat: the judge's model.")
  private String judgeModel;

  @Override
  public Integer call() {
    if (!(spec.root().userObject() instanceof ProcessOptions.Launched program)) {
      throw new IllegalStateException("not within the program");
    }
    if (World.of(program.environment()).size() > 1) {
      throw new UsageFault(
          "reproduce is one process's: start the commands that it says in a group instead");
    }
    if (limit < 0 || stopAfter < 0) {
      throw new UsageFault("--limit and --stop-after must not be negative");
    }
    List<String> engine = new ArrayList<>();
    add(engine, "--dtype", dtype);
    add(engine, "--threads", threads);
    add(engine, "--device", device);
    Reproduction.Plan plan =
        new Reproduction.Plan(
            Protocol.named(protocol),
            scale,
            model,
            from,
            output,
            methods,
            seed,
            engine,
            training,
            judge(),
            limit,
            stopAfter);
    return new Reproduction(plan, program::again, line -> Notes.say(spec.commandLine(), line))
        .run();
  }

  private List<String> judge() {
    if ((judgeUrl == null) != (judgeModel == null)) {
      throw new UsageFault("--judge-url and --judge-model go together");
    }
    List<String> all = new ArrayList<>();
    add(all, "--judge-url", judgeUrl);
    add(all, "--judge-model", judgeModel);
    if (judgeUrl != null) {
      add(all, "--judge-prompts", from.resolve("mt_bench-judge_prompts.jsonl").toString());
      add(all, "--judge-references", from.resolve("mt_bench-reference-gpt-4.jsonl").toString());
    }
    return all;
  }

  private static void add(List<String> all, String option, String value) {
    if (value != null) {
      all.addAll(List.of(option, value));
    }
  }
}
