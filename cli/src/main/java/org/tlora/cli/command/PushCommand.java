/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.ModelPush;
import org.tlora.cli.terminal.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlora push}. */
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Bring an adapter or a model to the Hugging Face hub, with its card. What is there is not"
            + " sent again.")
public final class PushCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = "A directory with an adapter, a Hugging Face model, or .gguf files.")
  private Path directory;

  @Parameters(
      index = "1",
      paramLabel = "OWNER/NAME",
      description = "The repository, which is made if it is not there.")
  private String repository;

  @Option(
      names = "--base",
      paramLabel = "OWNER/NAME",
      description =
          "What the adapter's base is called on the hub, where it was a path when it was trained.")
  private String base;

  @Option(
      names = "--private",
      description = "Nobody else may see it; a repository that is there must be private.")
  private boolean hidden;

  @Option(
      names = "--revision",
      paramLabel = "BRANCH",
      defaultValue = "main",
      description =
          "The branch that gets the commit; it is made if it is not there (default:"
              + " ${DEFAULT-VALUE}).")
  private String revision;

  @Option(
      names = "--message",
      paramLabel = "TEXT",
      defaultValue = "Push with TLoRA for the JVM",
      description = "The commit's message (default: ${DEFAULT-VALUE}).")
  private String message;

  @Option(names = "--create-pr", description = "Make a pull request of it.")
  private boolean pullRequest;

  @Option(
      names = "--include",
      split = ",",
      paramLabel = "FILE",
      description =
          "Files of DIR that go along, such as run.yaml, metrics.jsonl and report.html; places of"
              + " this machine in run.yaml are replaced.")
  private List<String> include = new ArrayList<>();

  @Option(names = "--include-checkpoints", description = "The run's checkpoints go along.")
  private boolean checkpoints;

  @Option(
      names = "--dry-run",
      description = "List what would be pushed, with sizes and SHA-256; ask the hub nothing.")
  private boolean dryRun;

  @Override
  public Integer call() {
    try (Progress progress = new Progress(spec)) {
      ModelPush push =
          ModelPush.of(directory, repository)
              .base(base)
              .hidden(hidden)
              .branch(revision)
              .message(message)
              .pullRequest(pullRequest)
              .include(include.toArray(String[]::new))
              .includeCheckpoints(checkpoints)
              .listener(progress);
      if (dryRun) {
        for (ModelPush.File file : push.plan()) {
          System.out.println(file.path() + "\t" + file.bytes() + "\t" + file.sha256());
        }
        return 0;
      }
      System.out.println(push.run().address());
    }
    return 0;
  }
}
