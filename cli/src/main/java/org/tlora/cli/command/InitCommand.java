/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tlora.NamedOptions;
import org.tlora.cli.option.RunSchema;
import org.tlora.cli.option.RunYaml;
import org.tlora.cli.option.StartFile;
import org.tlora.cli.terminal.Questions;
import org.tlora.fault.Nearest;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora init}. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Write a run.yaml to begin with, for tlora train --config, and its schema for editors. Asks"
            + " for what the options leave open.")
public final class InitCommand implements Callable<Integer> {
  private static final String USUAL_MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct";
  private static final String USUAL_OUTPUT = "out/run";
  private static final String SAMPLE = "/org/tlora/cli/init/rows.jsonl";
  private static final String SHORT = "short";
  private static final List<String> MEMORY = List.of("plenty", SHORT);

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = "As of train (default: " + USUAL_MODEL + ").")
  private String model;

  @Option(
      names = "--data",
      arity = "1..*",
      split = RunYaml.SEPARATOR,
      hideParamSyntax = true,
      paramLabel = "FILE...",
      description =
          "As of train (default: a file of rows here or in data; where there is none, some rows to"
              + " begin with are written).")
  private List<String> data = new ArrayList<>();

  @Option(names = "--method", paramLabel = "NAME", description = "As of train (default: tlora).")
  private String method;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "As of train (default: " + USUAL_OUTPUT + ").")
  private String output;

  @Option(
      names = "--memory",
      paramLabel = "plenty|short",
      description =
          "short: one row at a time, and layers run again on the way back (default: plenty).")
  private String memory;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      defaultValue = RunYaml.FILE,
      description = "Where it is written (default: ${DEFAULT-VALUE}).")
  private Path file;

  @Option(names = "--yes", description = "Ask nothing: what is not given is usual.")
  private boolean yes;

  @Option(names = "--force", description = "Write over a file that is there.")
  private boolean force;

  @Override
  public Integer call() {
    Path schema = file.toAbsolutePath().resolveSibling(RunSchema.FILE);
    requireFree(schema);
    if (!yes && !Questions.canBeAsked()) {
      throw new UsageFault(
          "init asks, and standard input is no terminal: add --yes, with which all is usual that"
              + " --model, --data, --method, --output and --memory do not say");
    }
    Map<String, List<String>> answers = answers(yes ? null : new Questions());
    String text =
        StartFile.text(
            spec.root().subcommands().get("train").getCommandSpec(), file.toString(), answers);
    if (answers.get("data").equals(List.of("" + sample())) && !Files.exists(sample())) {
      AtomicFiles.writeText(sample(), sampleRows());
      System.err.println(sample() + " is written: rows to begin with; put yours in their place");
    }
    AtomicFiles.writeText(schema, Json.pretty(RunSchema.of(spec.root(), "train")));
    AtomicFiles.writeText(file, text);
    System.err.println(file + " is written; it runs with: tlora train --config " + file);
    return 0;
  }

  private void requireFree(Path schema) {
    if (force) {
      return;
    }
    if (Files.exists(file)) {
      throw new UsageFault(file + " is there already; --force writes over it");
    }
    try {
      if (Files.exists(schema) && !Files.readString(schema).contains(RunSchema.ID)) {
        throw new UsageFault(
            schema + " is another schema, where init writes its own; --force writes over it");
      }
    } catch (IOException e) {
      throw new RunFault(schema + " cannot be read: " + Json.reason(e), e);
    }
  }

  /**
   * What is given, or else asked for.
   *
   * @param questions null: all else is usual
   */
  private Map<String, List<String>> answers(Questions questions) {
    Collection<String> methods = NamedOptions.choices().get(StartFile.METHOD);
    Map<String, List<String>> all = new LinkedHashMap<>();
    all.put(
        "model", List.of(answer(questions, "Model", model, USUAL_MODEL, a -> Optional.empty())));
    all.put("data", data(questions));
    String how = answer(questions, "Method", method, "tlora", a -> unknown("--method", a, methods));
    all.put(StartFile.METHOD, List.of(how));
    all.put(
        "output",
        List.of(answer(questions, "Output", output, USUAL_OUTPUT, a -> Optional.empty())));
    String room =
        answer(
            questions,
            "Memory, plenty or short",
            memory,
            "plenty",
            a -> unknown("--memory", a, MEMORY));
    if (room.equals(SHORT)) {
      StartFile.SHORT_OF_MEMORY.forEach(e -> all.put(e.getKey(), List.of(e.getValue())));
    }
    return all;
  }

  private static String answer(
      Questions questions,
      String question,
      String given,
      String usual,
      Function<String, Optional<String>> wrong) {
    if (given == null && questions != null) {
      return questions.ask(question, usual, wrong);
    }
    String answer = given == null ? usual : given;
    wrong
        .apply(answer)
        .ifPresent(
            problem -> {
              throw new UsageFault(problem);
            });
    return answer;
  }

  private static Optional<String> unknown(String option, String answer, Collection<String> known) {
    return known.contains(answer)
        ? Optional.empty()
        : Optional.of(
            option
                + " "
                + answer
                + " is not known; known are "
                + String.join(", ", known)
                + Nearest.question(answer, known));
  }

  private List<String> data(Questions questions) {
    if (!data.isEmpty()) {
      data.forEach(
          name ->
              missing(name)
                  .ifPresent(
                      problem -> {
                        throw new UsageFault(problem);
                      }));
      return data;
    }
    String usual = found().orElse(sample()).toString();
    return List.of(
        answer(
            questions,
            "Data",
            null,
            usual,
            name -> name.equals("" + sample()) ? Optional.empty() : missing(name)));
  }

  /** Where rows are written if there are none. */
  private Path sample() {
    return file.resolveSibling("rows.jsonl");
  }

  /** What is neither of the hub nor a pattern must be there. */
  private static Optional<String> missing(String name) {
    String path = name.replaceFirst("@[0-9.]+$", "");
    boolean isFile = !name.startsWith("hub:") && !name.equals("-") && !name.matches(".*[*?\\[{].*");
    return isFile && !Files.exists(Path.of(name)) && !Files.exists(Path.of(path))
        ? Optional.of("--data " + name + ": no such file")
        : Optional.empty();
  }

  /** The first file of rows, one to train on before others. */
  private static Optional<Path> found() {
    List<Path> all = new ArrayList<>();
    for (Path directory : List.of(Path.of(""), Path.of("data"))) {
      if (Files.isDirectory(directory.toAbsolutePath())) {
        try (Stream<Path> files = Files.list(directory)) {
          files
              .filter(f -> f.toString().matches(".*\\.(jsonl|csv|tsv|parquet)(\\.gz|\\.zst)?"))
              .sorted()
              .forEach(all::add);
        } catch (IOException e) {
          throw new RunFault(directory + " cannot be read: " + Json.reason(e), e);
        }
      }
    }
    return all.stream()
        .filter(f -> f.getFileName().toString().contains("train"))
        .findFirst()
        .or(() -> all.stream().findFirst());
  }

  private static String sampleRows() {
    try (InputStream in = InitCommand.class.getResourceAsStream(SAMPLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(SAMPLE + " is not in the program", e);
    }
  }
}
