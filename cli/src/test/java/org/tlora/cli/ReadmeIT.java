/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.tlora.golden.Shared;

/** Every command of the README works as it is written there. */
class ReadmeIT {
  private static final Path ROOT = Path.of(System.getProperty("tlora.root"));

  @Test
  void everyCommandOfTheReadmeWorks() throws IOException, InterruptedException {
    Path cache = hubCache();
    placeData();
    List<String> commands = commands(ROOT.resolve("README.md"));
    assertTrue(commands.contains("./tlora quickstart"), "the main job: " + commands);
    assertTrue(commands.contains("mvn verify"), "the tests: " + commands);
    Path log = ROOT.resolve("cli/target/readme-commands.log");
    Files.deleteIfExists(log);
    for (String command : commands) {
      if (command.equals("mvn verify") || command.startsWith("curl ")) {
        continue; // this test is part of the one; the files of the other are there
      }
      run(command, cache, log);
    }
    String printed = Files.readString(log);
    assertTrue(printed.contains("exact match"), printed);
    for (String name : List.of("report.html", "lora/adapter_config.json", "tlora/metrics.jsonl")) {
      assertTrue(Files.exists(ROOT.resolve("out/quickstart").resolve(name)), name);
    }
  }

  private static void run(String command, Path cache, Path log)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", command)
            .directory(ROOT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("HF_HUB_CACHE", cache.toString());
    builder.environment().put("HF_HUB_OFFLINE", "1");
    Process process = builder.start();
    assertTrue(process.waitFor(20, TimeUnit.MINUTES), command);
    assertEquals(0, process.exitValue(), command + "\n" + Files.readString(log));
  }

  /** A cache of the hub that has the README's model: the local file, as the hub would have it. */
  private static Path hubCache() throws IOException, InterruptedException {
    Path file = Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    Path cache = ROOT.resolve("cli/target/readme-hub").toAbsolutePath();
    Path model = cache.resolve("models--HuggingFaceTB--SmolLM2-135M-Instruct");
    Path snapshot = model.resolve("snapshots/" + "0".repeat(40));
    if (!Files.exists(snapshot.resolve("model.safetensors"))) {
      Files.createDirectories(model.resolve("refs"));
      Files.writeString(model.resolve("refs/main"), "0".repeat(40));
      Path log = ROOT.resolve("cli/target/readme-hub.log");
      String model16 = " --dtype bfloat16 --output " + snapshot;
      run("./tlora merge --model " + file + model16, cache, log);
    }
    return cache;
  }

  /** The README's data sets, where it lets curl put them. */
  private static void placeData() throws IOException {
    Map<String, String> local =
        Map.of(
            "gsm8k-train.jsonl", "data/gsm8k-train.jsonl",
            "gsm8k-test.jsonl", "data/gsm8k-test.jsonl",
            "ARC-Easy-test.json", "data/commonsense/ARC-Easy-test.json");
    Path data = Files.createDirectories(ROOT.resolve("data"));
    for (Map.Entry<String, String> e : local.entrySet()) {
      Path place = data.resolve(e.getKey());
      if (!Files.exists(place)) {
        Files.copy(Shared.path(e.getValue()), place);
      }
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
