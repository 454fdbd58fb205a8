/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tlora.format.Json;
import org.tlora.golden.Shared;

/**
 * Inputs from real users' trouble, through the real command line: each is read right or refused.
 */
class CasesIT {
  private static final Path ROOT = Path.of(System.getProperty("tlora.root"));

  @Test
  void everyCaseFromTheFieldIsRight() throws IOException, InterruptedException {
    Path runner = Shared.path("cases/run.py");
    assumeTrue(hasPython(), "skipped: python3 is not there to run the cases");
    List<String> ids = new ArrayList<>();
    JsonNode cases =
        Json.parse(Files.readString(runner.resolveSibling("cases.json")), "cases.json");
    cases.forEach(c -> ids.add(c.path("id").asText()));
    List<Process> runs = new ArrayList<>();
    List<Path> logs = new ArrayList<>();
    for (int part = 0; part < 2; part++) { // side by side, most of the time is the program's start
      List<String> command = new ArrayList<>(List.of("python3", runner.toString()));
      for (int i = part; i < ids.size(); i += 2) {
        command.add(ids.get(i));
      }
      Path log = ROOT.resolve("cli/target/cases-" + part + ".log");
      logs.add(log);
      runs.add(
          new ProcessBuilder(command)
              .directory(ROOT.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start());
    }
    for (int part = 0; part < runs.size(); part++) {
      assertTrue(runs.get(part).waitFor(20, TimeUnit.MINUTES), "the cases come to an end");
      String log = Files.readString(logs.get(part));
      assertEquals(0, runs.get(part).exitValue(), log);
      assertTrue(log.contains("right "), log);
    }
  }

  private static boolean hasPython() throws InterruptedException {
    try {
      return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
