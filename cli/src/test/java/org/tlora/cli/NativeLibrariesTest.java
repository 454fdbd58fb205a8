/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;

/** The first use on a machine, when the native libraries are not unpacked yet. */
@StartsProcess
@EnabledOnOs(OS.LINUX)
class NativeLibrariesTest {
  @TempDir private Path directory;
  private Path cache;
  private Path model;

  @BeforeEach
  void prepare() throws IOException {
    cache = Files.createDirectories(directory.resolve("cache"));
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
  }

  /** A process that loads the libraries from the cache of this test. */
  private Child start(String name, List<String> before) throws IOException {
    List<String> all = new ArrayList<>(before);
    String options = "JAVA_TOOL_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=" + cache;
    all.addAll(List.of("env", options));
    return Child.start(
        all,
        directory.resolve(name + ".log"),
        List.of("merge", "--model", model.toString(), "--output", directory + "/" + name));
  }

  @Test
  void processesThatStartTogetherDoNotReadHalfALibrary() throws Exception {
    List<Child> children = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      children.add(start("merged-" + i, List.of()));
      Thread.sleep(300); // each finds the one before at another library
    }
    for (Child child : children) {
      assertEquals(0, child.status(), child.log());
    }
  }

  @Test
  void noRoomForThemIsOneLine() throws Exception {
    List<String> before = Child.withDisk(cache, "20m");
    Child child = start("merged", before);
    assertEquals(4, child.status(), child.log());
    List<String> lines = child.log().strip().lines().toList();
    assertTrue(lines.get(lines.size() - 1).contains("they need 800 MB"), child.log());
    assertFalse(child.log().contains("\tat "), "no stack trace: " + child.log());
  }
}
