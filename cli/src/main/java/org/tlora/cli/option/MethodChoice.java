/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import java.nio.file.Path;
import org.tlora.LanguageModel;
import org.tlora.Method;
import org.tlora.TuningBuilder;
import org.tlora.cli.terminal.Group;
import org.tlora.collective.Collective;
import org.tlora.peft.method.PeftMethods;
import org.tlora.run.RunListener;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of commands that work with one method: which it is, its own options, its start. */
public final class MethodChoice {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private JobOptions options;

  @Mixin private EvaluationOptions evaluation;

  @Mixin private TrackingOptions tracking;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "tlora",
      completionCandidates = Names.class,
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String method;

  @Option(
      names = "--init-adapter",
      paramLabel = "DIR",
      description = "Start from this adapter instead of the method's own initialisation.")
  private Path initAdapter;

  /** The methods that there are. */
  static final class Names extends java.util.ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Names() {
      super(PeftMethods.names());
    }
  }

  /** What these options say of a fine-tuning. */
  public TuningBuilder tuning() {
    TuningBuilder tuning =
        options.tuning(command).method(Method.named(method).with(MethodOptions.given(command)));
    evaluation.addTo(tuning);
    tracking.addTo(tuning);
    return initAdapter == null ? tuning : tuning.initAdapter(initAdapter);
  }

  /** Runs something in the group of processes that this one belongs to. */
  public int inGroup(Group.Body body) {
    return options.inGroup(command, body);
  }

  /** Finds the model; sets up the engine. */
  public LanguageModel openModel(RunListener listener, Collective group) {
    return options.openModel(listener, group);
  }
}
