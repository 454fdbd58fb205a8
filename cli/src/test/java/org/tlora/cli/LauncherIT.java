/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.golden.Shared;

/** The script that starts the program: what it says, and that it takes the vector module. */
class LauncherIT {
  private static final Path ROOT = Path.of(System.getProperty("tlora.root"));
  private static final String MODULE = "jdk.incubator.vector";

  @TempDir private Path directory;

  private record Said(int status, String out, String err) {}

  private Said tlora(String options, String... arguments) throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(ROOT.resolve("tlora").toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().put("TLORA_JAVA_OPTIONS", options);
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), List.of(arguments).toString());
    return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Java's line about the module is not among them. */
  @Test
  void aUsersMistakeIsOneLine() throws IOException, InterruptedException {
    Said said = tlora("", "generate", "--model", "nowhere", "--prompt", "x");
    assertEquals(3, said.status(), said.err());
    assertEquals(1, said.err().lines().count(), said.err());
    assertTrue(said.err().contains("nowhere"), said.err());
  }

  /** What the virtual machine itself says comes through. */
  @Test
  void otherMessagesOfJavaAreSeen() throws IOException, InterruptedException {
    Said said = tlora("-Xmx1q", "generate", "--model", "nowhere", "--prompt", "x");
    assertEquals(1, said.status());
    assertTrue((said.out() + said.err()).contains("-Xmx1q"), said.out() + said.err());
  }

  /** The same text, whether blocks are multiplied as they are or brought back on loading. */
  @Test
  void blocksAsTheyAreGiveTheSameTextAsNumbers() throws IOException, InterruptedException {
    String model = Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf").toString();
    String[] command = {
      "generate",
      "--model",
      model,
      "--prompt",
      "Two and two is",
      "--greedy",
      "--max-new-tokens",
      "12",
      "--dtype",
      "float32"
    };
    Said asStored = tlora("-Xlog:module+load", command);
    assertEquals(0, asStored.status(), asStored.err());
    Said loaded = tlora("-Dtlora.none=1", command);
    assertEquals("", loaded.err());
    String[] dense = java.util.Arrays.copyOf(command, command.length + 2);
    dense[command.length] = "--base-weights";
    dense[command.length + 1] = "dense";
    assertEquals(tlora("", dense).out(), loaded.out());
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      // of this test's own virtual machine; the one that it starts has it
      assertTrue(asStored.out().contains(MODULE), asStored.out());
    }
  }
}
