/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.cli.Commands.Output;

/** {@code --config} and {@code --resume} are seen wherever they stand on a command line. */
class ConfigPlacesTest {
  @TempDir private Path directory;
  private Path config;
  private Path output;

  @BeforeEach
  void write() throws IOException {
    output = Files.createDirectories(directory.resolve("out"));
    config = output.resolve("run.yaml");
    // seen, since it is refused by this name once the file is read
    Files.writeString(config, "model: absent\ndata: [absent.jsonl]\nschedule: from-the-file\n");
  }

  private void seen(List<String> arguments) {
    Output result = Commands.run(arguments.toArray(String[]::new));
    assertEquals(2, result.status(), result.err());
    assertTrue(result.err().contains("--schedule from-the-file is not known"), result.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --config C --output O",
        "train --config=C --output=O",
        "--debug train --config C --output O",
        "train --debug --output O --config C",
        "train --output O --debug --config=C",
        "train --rank 3 --output O --steps=4 --config C",
        "--debug train --resume --output O",
        "--debug train --output O --resume",
        "--debug train --output=O --resume-anyway",
        "train --resume --steps 3 --output=O",
        "train --debug --resume --output O",
        "--debug calibrate --config C --output O",
        "--debug compare --methods lora --config C --output O",
        "@F",
        "--debug @F",
        "train @G",
        "train --debug @G --rank 4"
      })
  void anyOrderAndForm(String line) throws IOException {
    Path whole = directory.resolve("whole.args");
    Files.writeString(whole, "train\n--config\n" + config + "\n--output=" + output + "\n");
    Path rest = directory.resolve("rest.args");
    Files.writeString(rest, "--resume --output \"" + output + "\"\n");
    List<String> arguments = new ArrayList<>();
    for (String a : line.split(" ")) {
      arguments.add(
          a.replaceAll("\\bC$", config.toString())
              .replaceAll("\\bO$", output.toString())
              .replaceAll("^@F$", "@" + whole)
              .replaceAll("^@G$", "@" + rest));
    }
    seen(arguments);
  }

  @Test
  void whatIsNotThatOptionIsNotTakenForIt() throws IOException {
    List<String> arguments =
        List.of("train", "--model", "absent", "--data", "absent.jsonl", "--output", "" + output);
    List<String> valued = new ArrayList<>(arguments);
    valued.addAll(List.of("--template", "--resume"));
    Output missing = Commands.run(valued.toArray(String[]::new));
    assertEquals(2, missing.status(), missing.err());
    assertFalse(missing.err().contains("from-the-file"), missing.err());
    Output plain = Commands.run(arguments.toArray(String[]::new));
    assertEquals(3, plain.status(), "the file is not looked at: " + plain.err());
    Output broken = Commands.run("--debug", "train", "--config", directory + "/none.yaml");
    assertEquals(2, broken.status(), broken.err());
    assertTrue(broken.err().contains("none.yaml cannot be read: no such file"), broken.err());
    assertTrue(broken.err().contains("\tat "), "--debug shows where: " + broken.err());
  }

  @Test
  void aResumedRunSaysWhereItsOptionsComeFrom() {
    Output result = Commands.run("train", "--resume", "--output", output.toString());
    assertTrue(result.err().contains("those of " + config), result.err());
    Path none = directory.resolve("none");
    result = Commands.run("train", "--resume", "--output", none.toString());
    assertEquals(2, result.status(), result.err());
    assertTrue(
        Arrays.asList("--model", "--data").stream().allMatch(result.err()::contains), result.err());
  }
}
