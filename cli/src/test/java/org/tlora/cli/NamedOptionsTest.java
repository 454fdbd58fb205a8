/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.tlora.NamedOptions;
import org.tlora.cli.command.TrainCommand;
import org.tlora.fault.UsageFault;
import picocli.CommandLine;

/** What the command line can be told of a training, a program can be told by name. */
class NamedOptionsTest {
  /** Where and how a process runs; {@code weights} is another name of {@code quantize}. */
  private static final Set<String> OF_THE_PROCESS =
      Set.of(
          "model",
          "config",
          "recipe",
          "resume",
          "resume-anyway",
          "log-format",
          "until-input-ends",
          "stop-after",
          "help",
          "version",
          "threads",
          "device",
          "offline",
          "weights",
          "group-address",
          "group-timeout",
          "join-timeout");

  @Test
  void everyOptionOfTrainHasItsName() {
    TreeSet<String> options = new TreeSet<>();
    new CommandLine(new TrainCommand())
        .getCommandSpec()
        .options()
        .forEach(o -> options.add(o.longestName().substring(2)));
    options.removeAll(OF_THE_PROCESS);
    assertEquals(options, new TreeSet<>(NamedOptions.names()));
  }

  @Test
  void aLearningRateMayBeLeftToATest() {
    NamedOptions.tuning(Map.of("learning-rate", List.of("auto")));
    Map<String, List<String>> wrong = Map.of("learning-rate", List.of("best"));
    String said = assertThrows(UsageFault.class, () -> NamedOptions.tuning(wrong)).getMessage();
    assertEquals("`learning-rate` must be auto or a number, not best", said);
  }

  @Test
  void allThatIsWrongIsToldAtOnce() {
    Map<String, List<String>> options =
        Map.of(
            "rank", List.of("x"),
            "no-shuffle", List.of("maybe"),
            "calibration-memory", List.of("1"),
            "epochs", List.of("1", "2"),
            "train-b", List.of("true"));
    String said = assertThrows(UsageFault.class, () -> NamedOptions.tuning(options)).getMessage();
    for (String part :
        List.of(
            "`rank` must be a whole number, not x",
            "`no-shuffle` must be true or false, not maybe",
            "`calibration-memory` must be a size such as 512M or 4G, not 1",
            "`epochs` takes one value, not 2",
            "'train-b' is no option of `method` tlora")) {
      assertTrue(said.contains(part), said);
    }
  }

  @Test
  void methodsKeepTheirOwnOptions() {
    Map<String, List<String>> options =
        Map.of(
            "method", List.of("tlora"),
            "train-a", List.of("true"),
            "data", List.of("rows.jsonl"),
            "output", List.of("out"),
            "calibration-memory", List.of("512M"));
    assertEquals("out", NamedOptions.tuning(options).build().output().toString());
    assertTrue(NamedOptions.yaml(options).contains("train-a: \"true\"\n"));
  }
}
