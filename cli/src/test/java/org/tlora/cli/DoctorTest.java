/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.Engine;
import org.tlora.engine.NativeReport;
import org.tlora.format.Json;
import org.tlora.testing.StartsProcess;

/** What {@code tlora doctor} says of this machine, and of one whose libraries are broken. */
@StartsProcess
class DoctorTest {
  @TempDir private Path directory;

  @Test
  void thisMachineCanTrain() {
    Output o = Commands.run("doctor", "--json");
    assertEquals(0, o.status(), o.out() + o.err());
    JsonNode json = Json.parse(o.out(), "doctor");
    assertTrue(json.path("can_train").asBoolean());
    assertEquals(0, json.path("faults").asInt());
    Set<String> names = new TreeSet<>();
    int warnings = 0;
    for (JsonNode f : json.path("findings")) {
      names.add(f.path("name").asText());
      boolean ok = f.path("level").asText().equals("ok");
      warnings += ok ? 0 : 1;
      assertFalse(f.path("text").asText().isEmpty(), f.toString());
      assertEquals(ok, f.path("advice").asText().isEmpty(), "advice where it is wanted: " + f);
    }
    assertEquals(warnings, json.path("warnings").asInt());
    assertTrue(
        names.containsAll(
            List.of(
                "java",
                "heap",
                "vector module",
                "native libraries",
                "tokenizers",
                "BLAS",
                "kernels",
                "processor",
                "threads",
                "memory",
                "working directory",
                "temporary files",
                "library cache",
                "hub cache",
                "GPU",
                "hub",
                "hub token",
                "encoding")),
        names.toString());
  }

  /** The property makes the binding look for libraries of a platform that has none. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void brokenLibrariesAreAFaultAmongAllOtherFindings() throws Exception {
    Child child = doctor(List.of("-Dorg.bytedeco.javacpp.platform=linux-none"));
    assertEquals(4, child.status(), child.log());
    String log = child.log().replaceAll(" +", " ");
    assertTrue(log.contains("fault native libraries "), log);
    assertTrue(log.contains("ok java "), log);
    assertTrue(log.contains("cannot train, "), log);
    assertTrue(log.contains("tlora: this machine cannot train: native libraries: "), log);
    assertFalse(log.contains("\tat "), "no stack trace: " + log);
  }

  /**
   * A library of the right size and time that is torn: the binding takes it for its own. With its
   * headers whole it is mapped, and what is linked to it falls into zeros.
   */
  @ParameterizedTest
  @EnabledOnOs(OS.LINUX)
  @ValueSource(ints = {0, 1 << 16})
  void aTornLibraryEndsAnotherProcess(int whole) throws Exception {
    Path cache = directory.resolve("cache");
    linkTree(NativeReport.cache(), cache);
    Path torn;
    try (Stream<Path> all = Files.walk(cache)) {
      torn = all.filter(p -> p.endsWith("libc10.so")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(torn);
    FileTime time = Files.getLastModifiedTime(torn);
    Arrays.fill(bytes, whole, bytes.length, (byte) 0);
    Files.delete(torn); // the name alone
    Files.write(torn, bytes);
    Files.setLastModifiedTime(torn, time);
    Child child = doctor(List.of("-Dorg.bytedeco.javacpp.cachedir=" + cache));
    assertEquals(4, child.status(), child.log());
    String log = child.log().replaceAll(" +", " ");
    assertTrue(log.contains("fault native libraries "), log);
    assertTrue(log.contains("ok encoding "), "it comes to its end: " + log);
    assertFalse(log.contains("\tat "), "no stack trace: " + log);
  }

  /** A second name for each library: a copy of all would be 800 MB. */
  private static void linkTree(Path from, Path to) throws IOException {
    Engine.load(); // which unpacks what is to be linked to
    try (Stream<Path> all = Files.walk(from)) {
      for (Path p : all.toList()) {
        Path target = to.resolve(from.relativize(p).toString());
        if (Files.isDirectory(p)) {
          Files.createDirectories(target);
        } else if (!p.getFileName().toString().startsWith(".")) {
          Files.createLink(target, p);
        }
      }
    } catch (FileSystemException e) {
      Assumptions.abort("the libraries are on another disk: " + e.getMessage());
    }
  }

  private Child doctor(List<String> options) throws IOException {
    List<String> before =
        List.of("env", "JAVA_TOOL_OPTIONS=" + String.join(" ", options), "HF_HUB_OFFLINE=1");
    return Child.start(before, directory.resolve("log"), List.of("doctor"));
  }
}
