/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The golden numbers of the repository are a copy. */
class CommittedNumbersTest {
  private static List<Path> committed() throws IOException {
    Path golden = Shared.committed();
    try (Stream<Path> all = Files.walk(golden)) {
      return all.filter(Files::isRegularFile)
          .map(golden::relativize)
          .filter(file -> !file.equals(Path.of("README.md")))
          .sorted()
          .toList();
    }
  }

  @Test
  void whatTestsReadIsThere() throws IOException {
    assertTrue(committed().size() > 100, "files below " + Shared.committed());
    assertEquals(Shared.committed().resolve("tokens.json"), Shared.path("golden/tokens.json"));
    assertEquals(Shared.committed().resolve("cases/models/base"), Shared.path("cases/models/base"));
  }

  @Test
  void eachCommittedFileIsThatOfTheSharedFolder() throws IOException {
    Path golden = Shared.outside("golden");
    List<String> differing = new ArrayList<>();
    for (Path file : committed()) {
      Path shared = file.startsWith("cases") ? golden.getParent() : golden;
      Path original = shared.resolve(file.toString());
      if (!Files.exists(original)) {
        differing.add(file + " is not in " + shared);
      } else if (Files.mismatch(Shared.committed().resolve(file), original) >= 0) {
        differing.add(file + " differs from that in " + shared);
      }
    }
    assertEquals(List.of(), differing);
  }
}
