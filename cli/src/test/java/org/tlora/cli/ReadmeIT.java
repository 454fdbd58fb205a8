package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tlora.golden.Shared;

/** Every command of the README works as it is written there. */
class ReadmeIT {
  private static final Path ROOT = Path.of(System.getProperty("tlora.root"));

  @Test
  void everyCommandOfTheReadmeWorks() throws IOException, InterruptedException {
    Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    List<String> commands = commands(ROOT.resolve("README.md"));
    assertTrue(commands.contains("./tlora quickstart"), "the main job: " + commands);
    assertTrue(commands.contains("mvn verify"), "the tests: " + commands);
    Path log = ROOT.resolve("cli/target/readme-commands.log");
    Files.deleteIfExists(log);
    for (String command : commands) {
      if (command.equals("mvn verify")) {
        continue; // this test is part of it
      }
      Process process =
          new ProcessBuilder("bash", "-c", command)
              .directory(ROOT.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      assertTrue(process.waitFor(20, TimeUnit.MINUTES), command);
      assertEquals(0, process.exitValue(), command + "\n" + Files.readString(log));
    }
    String printed = Files.readString(log);
    assertTrue(printed.contains("exact match"), printed);
    for (String name : List.of("report.html", "lora/adapter_config.json", "tlora/metrics.jsonl")) {
      assertTrue(Files.exists(ROOT.resolve("out/quickstart").resolve(name)), name);
    }
  }

  /** Lines of shell blocks, continued lines joined. */
  private static List<String> commands(Path readme) throws IOException {
    List<String> commands = new ArrayList<>();
    boolean shell = false;
    StringBuilder command = new StringBuilder();
    for (String line : Files.readAllLines(readme)) {
      if (line.startsWith("```")) {
        shell = line.equals("```sh");
      } else if (shell && !line.isBlank() && !line.startsWith("#")) {
        boolean goesOn = line.endsWith("\\");
        command.append(goesOn ? line.substring(0, line.length() - 1) : line);
        if (!goesOn) {
          commands.add(command.toString().strip());
          command.setLength(0);
        }
      }
    }
    return commands;
  }

  @Test
  void continuousIntegrationRunsTheReadmesTestCommand() throws IOException {
    String script = Files.readString(ROOT.resolve(".ci/run"));
    assertTrue(script.contains("\nmvn -B verify\n"), script);
    assertTrue(script.contains("TLORA_REQUIRE_SHARED=1"), script);
  }
}
