/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.tlora.format.Json;
import org.tlora.format.Sha256;

/**
 * The program runs with exactly the libraries that were looked at: each by the digest that is
 * written down in {@code cli/dependencies.sha256}, which {@code sha256sum} makes and checks.
 */
class DependenciesIT {
  private static final String OTHER_PLATFORMS = ".*-(macosx|windows)-.*";

  private static Map<String, String> pinned() throws IOException {
    Map<String, String> pinned = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("dependencies.sha256"))) {
      String[] parts = line.split("\\s+");
      pinned.put(parts[1], parts[0]);
    }
    return pinned;
  }

  private static Set<String> libraries() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Path> jars = Files.list(Path.of("target", "lib"))) {
      jars.map(j -> j.getFileName().toString())
          .filter(n -> !n.startsWith("tlora-"))
          .forEach(names::add);
    }
    return names;
  }

  @Test
  void everyLibraryIsTheOneThatIsPinned() throws IOException {
    Map<String, String> pinned = pinned();
    for (String name : libraries()) {
      if (pinned.containsKey(name)) {
        assertEquals(pinned.get(name), Sha256.of(Path.of("target", "lib", name)), name);
      } else {
        assertTrue(name.matches(OTHER_PLATFORMS), name + " is not in cli/dependencies.sha256");
      }
    }
  }

  @Test
  void theBillOfMaterialsNamesEveryLibrary() throws IOException {
    Path file = Path.of("target", "bom.json");
    Assumptions.assumeTrue(Files.exists(file), "skipped: Maven writes no bill when it is offline");
    JsonNode bill = Json.readObject(file);
    assertEquals("CycloneDX", bill.path("bomFormat").asText());
    TreeSet<String> named = new TreeSet<>();
    for (JsonNode c : bill.path("components")) {
      String classifier = c.path("purl").asText().replaceAll(".*[?&]classifier=([^&]*).*", "-$1");
      named.add(
          c.path("name").asText()
              + "-"
              + c.path("version").asText()
              + (classifier.startsWith("-") ? classifier : "")
              + ".jar");
      assertTrue(
          c.path("name").asText().startsWith("tlora-") || c.path("hashes").size() > 0,
          c.path("name") + " has digests");
    }
    for (String name : libraries()) {
      assertTrue(named.contains(name), name + " is in the bill of materials: " + named);
    }
  }
}
