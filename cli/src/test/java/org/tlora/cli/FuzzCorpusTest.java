/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Input that lies: every file of the corpus is read or refused with one of our own faults, soon.
 * Anything else (another exception, an overflow of the stack, a crash) fails the test.
 */
class FuzzCorpusTest {
  static List<FuzzTargets.Target> targets() {
    return FuzzTargets.all();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everyInputIsReadOrRefused(FuzzTargets.Target target) throws IOException {
    List<Path> corpus = target.corpus();
    assertTrue(corpus.size() >= 5, "a corpus");
    for (Path file : corpus) {
      byte[] input = Files.readAllBytes(file);
      // an endless loop is what this is about, not how fast a loaded machine is
      assertTimeoutPreemptively(
          Duration.ofMinutes(1), () -> target.input().accept(input), () -> file.toString());
    }
  }
}
