/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.LanguageModel;
import org.tlora.TrainingResult;
import org.tlora.TrainingRun;
import org.tlora.Tuning;
import org.tlora.cli.option.MethodChoice;
import org.tlora.cli.terminal.InputEnd;
import org.tlora.cli.terminal.JsonLines;
import org.tlora.cli.terminal.Progress;
import org.tlora.cli.terminal.StopRequest;
import org.tlora.collective.Collective;
import org.tlora.fault.Nearest;
import org.tlora.fault.UsageFault;
import org.tlora.run.RunListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Fine-tune a model; writes the adapter in PEFT's format, metrics and a report.")
public final class TrainCommand implements Callable<Integer> {
  public static final String RESUME = "--resume";
  public static final String RESUME_ANYWAY = "--resume-anyway";

  @Spec private CommandSpec spec;
  @Mixin private MethodChoice options;

  @Option(
      names = RESUME,
      description =
          "Go on from the newest whole checkpoint in --output, to the bit; other options may be"
              + " left out, they are those of its run.yaml.")
  private boolean resume;

  @Option(
      names = RESUME_ANYWAY,
      description = "Go on although configuration, model or data have changed.")
  private boolean resumeAnyway;

  @Option(
      names = Progress.FORMAT,
      paramLabel = "text|json",
      defaultValue = "text",
      description =
          "json: tell how it goes by a JSON object a line, for programs (default:"
              + " ${DEFAULT-VALUE}).")
  private String logFormat;

  @Option(
      names = "--stop-after",
      paramLabel = "STEPS",
      defaultValue = "0",
      description =
          "Stop behind that step as at Ctrl-C, with a checkpoint that --resume goes on from; the"
              + " schedule is that of the whole run (default: at the end).")
  private int stopAfter;

  @Option(
      names = "--until-input-ends",
      description =
          "Stop as at Ctrl-C when standard input ends: for a program that starts this one, and may"
              + " be killed.")
  private boolean untilInputEnds;

  @Override
  public Integer call() {
    if (!logFormat.equals("text") && !logFormat.equals(Progress.JSON)) {
      throw new UsageFault(
          Progress.FORMAT
              + " must be text or json, not "
              + logFormat
              + Nearest.question(logFormat, List.of("text", Progress.JSON)));
    }
    return options.inGroup(this::train);
  }

  private int train(Collective group) {
    try (StopRequest stop = new StopRequest();
        Progress progress = new Progress(spec)) {
      RunListener told = logFormat.equals(Progress.JSON) ? new JsonLines(spec) : progress;
      Tuning tuning =
          options
              .tuning()
              .resume(resume)
              .resumeAnyway(resumeAnyway)
              .listeners(told)
              .stopAfter(stopAfter)
              .build();
      try (LanguageModel model = options.openModel(told, group)) {
        TrainingRun run = model.train(tuning);
        stop.passTo(run::stop);
        if (untilInputEnds) {
          InputEnd.await(System.in, run::stop);
        }
        TrainingResult result = run.join();
        boolean asked = stopAfter > 0 && result.steps() >= stopAfter;
        return result.interrupted() && !asked ? 130 : 0;
      }
    }
  }
}
