/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;
import org.tlora.collective.LaunchEnvironment;
import org.tlora.format.Json;

/** Runs commands in this process, and makes them a data file. */
public final class Commands {
  /** What a command printed. */
  public record Output(int status, String out, String err) {}

  private Commands() {}

  public static Output run(String... arguments) {
    return captured(() -> Main.run(arguments));
  }

  /** The same with these variables as the environment. */
  static Output runIn(Map<String, String> environment, String... arguments) {
    LaunchEnvironment variables = new LaunchEnvironment(environment, () -> "localhost");
    return captured(() -> Main.run(variables, null, arguments));
  }

  private static Output captured(IntSupplier command) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      int status = command.getAsInt();
      return new Output(
          status,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** {@code tlora train} of a few steps, with options that are given anew or added. */
  static Output train(Path model, Path data, Path output, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--model", model.toString(), "--data", data.toString()));
    arguments.addAll(List.of("--template", "plain", "--rank", "4", "--steps", "6"));
    arguments.addAll(List.of("--batch-size", "3", "--dtype", "float32"));
    arguments.addAll(List.of("--learning-rate", "5e-3", "--output", output.toString()));
    return runWith(arguments, more);
  }

  /** Runs a command with options that are given anew or added. */
  static Output runWith(List<String> command, String... more) {
    List<String> arguments = new ArrayList<>(command);
    for (String argument : more) {
      int before = arguments.indexOf(argument);
      if (argument.startsWith("--") && before >= 0) {
        arguments.subList(before, before + 2).clear(); // given anew
      }
    }
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  /** Rows of a task that the tiny model does not know. */
  static Path writeRows(Path file) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (String word : List.of("banana", "tomato", "melon", "lemon", "papaya", "cherry")) {
      String backwards = new StringBuilder(word).reverse().toString().toUpperCase(Locale.ROOT);
      rows.append(
          Json.compact(
              Json.object()
                  .put("question", "Shout " + word + " backwards.")
                  .put("answer", backwards)));
      rows.append('\n');
    }
    return Files.writeString(file, rows.toString());
  }
}
