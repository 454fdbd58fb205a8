/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.option;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.cli.Commands;
import org.tlora.cli.Commands.Output;
import org.tlora.cli.command.TrainCommand;
import org.tlora.fault.UsageFault;
import picocli.CommandLine;

/** What a run.yaml may say, and that everything else is refused by name. */
class OptionFileTest {
  @TempDir private Path directory;

  private CommandLine parsed(String yaml) throws IOException {
    Path file = Files.writeString(directory.resolve("run.yaml"), yaml);
    CommandLine command = new CommandLine(new TrainCommand());
    MethodOptions.addTo(command.getCommandSpec());
    command.setDefaultValueProvider(RunYaml.read(file, command.getCommandSpec()));
    command.parseArgs("--model", "m", "--output", "o");
    return command;
  }

  private static Object value(CommandLine command, String option) {
    return command.getCommandSpec().findOption(option).getValue();
  }

  @Test
  void valuesAndListsAreUsed() throws IOException {
    CommandLine command =
        parsed(
            """
            # a comment
            data: [a.jsonl, "b, c.jsonl"]
            steps: 7
            learning-rate: 1e-3
            target-modules:
            - q_proj
            - v_proj
            no-shuffle: true
            lora-plus-ratio: 4
            epochs:
            labels: []
            """);
    assertEquals(List.of("a.jsonl", "b, c.jsonl"), value(command, "--data"));
    assertEquals(7L, (Long) value(command, "--steps"));
    assertEquals(1e-3, (Double) value(command, "--learning-rate"));
    assertEquals(List.of("q_proj", "v_proj"), value(command, "--target-modules"));
    assertEquals(true, value(command, "--no-shuffle"));
    assertEquals("4", value(command, "--lora-plus-ratio"));
    assertEquals(1.0, (Double) value(command, "--epochs"), "left empty: its default");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# nothing\n", "---\n", "null\n", "{}\n"})
  void aFileThatSaysNothingIsNoFault(String text) throws IOException {
    assertEquals(java.util.Map.of(), OptionFile.read(Files.writeString(file(), text)));
  }

  private Path file() {
    return directory.resolve("options.yaml");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          - steps: 3\\n- rank: 4             | holds a list
          [steps, rank]                       | holds a list
          3                                   | holds '3'
          steps                               | holds 'steps'
          "steps: 3"                          | holds 'steps: 3'
          true                                | holds 'true'
          steps: 3\\nrank: 2\\nsteps: 4       | line 3: 'steps' comes twice
          steps: 3\\n"steps": 3               | 'steps' comes twice
          steps: {a: 3}                       | 'steps' must be a value
          steps:\\n  a: 3                     | 'steps' must be a value
          data: [a, [b]]                      | 'data' must be a value
          data: [a, {b: c}]                   | 'data' must be a value
          data: [a, ~]                        | 'data' must be a value
          steps: [3, 4]                       | 'steps' takes one value
          output: [a, b]                      | 'output' takes one value
          rank: &r 3\\nsteps: *r              | 'steps' stands for another
          target-modules: ["a,b", c]          | 'target-modules': an item
          steps: 3\\n---\\nrank: 4            | a second document
          3: 4                                | '3' is no option
          <<: {steps: 3}                      | '<<'
          resume: true                        | 'resume' is no option
          stepps: 3                           | 'stepps' is no option
          steps: [3                           | is not valid YAML
          """)
  void everythingElseIsRefusedByName(String yaml, String message) {
    UsageFault fault =
        assertThrows(UsageFault.class, () -> parsed(yaml.replace("\\n", "\n")), yaml);
    assertTrue(fault.getMessage().contains(message), fault.getMessage());
    assertTrue(fault.getMessage().contains("run.yaml"), fault.getMessage());
    assertEquals(1, fault.getMessage().lines().count(), fault.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          steps: 3.5          | --steps
          steps: true         | --steps
          steps: many         | --steps
          learning-rate: .inf | --learning-rate
          learning-rate: .nan | --learning-rate
          learning-rate: 1e40 | --learning-rate
          dropout: yes        | --dropout
          no-shuffle: 3       | --no-shuffle
          no-shuffle: often   | --no-shuffle
          seed: 1e3           | --seed
          """)
  void valuesOfOtherKindsAreRefusedByTheirOption(String yaml, String option) throws IOException {
    Files.writeString(file(), yaml + "\ndata: [a]\nmodel: m\noutput: o\n");
    Output output = Commands.run("train", "--config", file().toString());
    assertEquals(2, output.status(), output.err());
    assertTrue(output.err().contains(option), output.err());
    assertEquals(1, output.err().lines().count(), output.err());
  }

  @Test
  void textThatIsNotUtf8IsAFault() throws IOException {
    Files.write(file(), "template: grün\n".getBytes(StandardCharsets.ISO_8859_1));
    UsageFault fault = assertThrows(UsageFault.class, () -> OptionFile.read(file()));
    assertTrue(fault.getMessage().contains("not UTF-8"), fault.getMessage());
  }
}
