/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.NamedOptions;
import org.tlora.cli.Commands.Output;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.method.PeftMethods;

/** Mistyped commands, options, keys and values: one line, with what was meant. */
class UnknownNamesTest {
  @TempDir private Path directory;

  private static void refused(Output output, String said) {
    assertEquals(2, output.status(), output.err());
    assertEquals(1, output.err().lines().count(), output.err());
    assertTrue(output.err().startsWith("tlora: "), output.err());
    assertTrue(output.err().contains(said), output.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          trian --model x                    | 'trian' is no command; did you mean train? (see tlora --help)
          recipe                             | 'recipe' is no command; did you mean recipes?
          frobnicate                         | 'frobnicate' is no command (see tlora --help)
          --debg train                       | --debg is unknown; did you mean --debug?
          train --lerning-rate 3             | --lerning-rate is unknown; did you mean --learning-rate? (see tlora train --help)
          train --lerning-rate=3             | --lerning-rate is unknown; did you mean --learning-rate? (see
          train --learning_rate 3            | --learning_rate is unknown; did you mean --learning-rate?
          train -rank 3                      | -rank is unknown; did you mean --rank?
          train --max-len 3                  | --max-len is unknown (see tlora train --help)
          train --bach-size 3 --stepps 4     | --bach-size is unknown; did you mean --batch-size?; --stepps is unknown; did you mean --steps?
          train --data a --lerning-rate 3    | --lerning-rate is unknown; did you mean --learning-rate?
          train --help-me                    | --help-me is unknown
          serve --adapters a --prot 3        | --prot is unknown; did you mean --port?
          launch --processes 2 trian         | not trian; did you mean train?
          recipes mth                        | the recipe mth is not known
          recipes mth                        | did you mean math?
          schema trian                       | did you mean train?
          """)
  void commandsAndOptions(String line, String said) {
    refused(Commands.run(line.split(" ")), said);
  }

  @Test
  void aFileWhoseNameBeginsWithDashesIsNoOption() throws IOException {
    Path odd = Files.writeString(Path.of("--odd-rows.jsonl"), "");
    try {
      String output = directory.resolve("o").toString();
      Output read =
          Commands.run("train", "--model", "absent", "--output", output, "--data", "" + odd);
      assertFalse(read.err().contains("unknown"), read.err());
    } finally {
      Files.delete(odd);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lerning-rate, 'lerning-rate' is no option; did you mean learning-rate?",
    "learning_rate, 'learning_rate' is no option; did you mean learning-rate?",
    "zzz, 'zzz' is no option; options are adalora-beta1",
    "recipe, 'recipe' is no option of a file: it is for the command line"
  })
  void keysOfRunYaml(String key, String said) throws IOException {
    Path file = Files.writeString(directory.resolve("run.yaml"), key + ": 1\n");
    refused(Commands.run("train", "--config", file.toString()), said);
  }

  /** Every option that takes names alone, with a method that has it. */
  static Stream<List<String>> choices() {
    Map<String, String> methods = new TreeMap<>();
    for (PeftMethod method : PeftMethods.all()) {
      for (MethodOption<?> option : method.options()) {
        methods.put(option.name(), method.name());
      }
    }
    List<List<String>> all = new ArrayList<>();
    NamedOptions.choices()
        .forEach(
            (name, values) ->
                values.stream()
                    .max(Comparator.comparingInt(String::length))
                    .filter(v -> v.length() > 1) // else it is a number
                    .ifPresent(v -> all.add(List.of(name, v, methods.getOrDefault(name, "lora")))));
    all.add(List.of("weights", "int8", "lora"));
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("choices")
  void valuesOfAClosedSet(List<String> choice) {
    String mistyped = choice.get(1) + "q";
    List<String> line = new ArrayList<>(List.of("train", "--model", "absent", "--data", "x"));
    line.addAll(List.of("--output", directory.resolve("o").toString()));
    line.addAll(List.of("--" + choice.get(0), mistyped));
    if (!choice.get(0).equals("method")) {
      line.addAll(List.of("--method", choice.get(2)));
    }
    Output output = Commands.run(line.toArray(String[]::new));
    refused(output, "--" + choice.get(0));
    assertTrue(output.err().contains("; did you mean " + choice.get(1)), output.err());
  }

  @ParameterizedTest
  @CsvSource({
    "evaluate --task gsm8 --task-data x --model x, did you mean gsm8k?",
    "train --model m --data d --output o --log-format jsno, did you mean json?",
    "evaluate --task gsm8k --task-data x --model x --grading lenien, did you mean lenient?",
    "evaluate --task gsm8k --task-data x --model x --scoring likelyhood, did you mean likelihood?",
    "compare --model m --data d --output o --methods lora;tlroa, did you mean tlora?"
  })
  void valuesOfOtherCommands(String line, String said) {
    refused(Commands.run(line.replace(';', ',').split(" ")), said);
  }
}
