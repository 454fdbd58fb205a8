/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.checkpoint.OutputLock;
import org.tlora.run.RunListener;
import org.tlora.testing.Browser;
import org.tlora.testing.StartsProcess;

/** The page in a real browser, with two runs over each other. */
@StartsProcess
class WatchPageTest {
  @TempDir private static Path directory;
  private static Browser browser;

  @BeforeAll
  static void open() throws IOException {
    Optional<Browser> found = Browser.open(directory.resolve("profile"));
    assumeTrue(found.isPresent(), "skipped: there is no Chromium here");
    browser = found.get();
    browser.size(1180, 860);
  }

  @AfterAll
  static void close() {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void twoRunsAreDrawnOverEachOtherAndGrow() throws Exception {
    Path root = directory.resolve("runs");
    RunFolder first = RunFolder.make(root.resolve("a <b>one"), "rank: 4", "steps: 9").steps(0, 3);
    RunFolder.make(root.resolve("two"), "rank: 8", "steps: 9")
        .steps(0, 9)
        .append("{\"step\":8,\"eval_loss\":0.75,\"eval_f1\":0.5}\n");
    try (WatchServer server = new WatchServer(List.of(root), "127.0.0.1", 0, new RunListener() {});
        OutputLock lock = OutputLock.of(first.path())) {
      browser.go(server.address() + "/");
      browser.await("document.querySelectorAll('.curve canvas').length === 6");
      browser.await(
          "document.querySelectorAll('.curve')[0].querySelectorAll('.u-series').length === 3");
      assertEquals(
          "2 runs, 1 running",
          browser.value("document.getElementById('status').innerText").asText());
      assertEquals(
          "Training loss by step; at last: a <b>one 1.333, two 0.4444",
          browser
              .value("document.querySelector('.curve [role=img]').getAttribute('aria-label')")
              .asText());
      // the option that differs, and it alone
      assertEquals(
          "option a <b>one two rank 4 8",
          browser.value("options.innerText.trim().split(/\\s+/).join(' ')").asText());
      assertEquals(2, browser.value("document.querySelectorAll('td.other').length").asInt());

      first.steps(3, 6);
      browser.await("runs.tBodies[0].rows[0].cells[6].innerText.startsWith('6 of 9')");
      browser.await(
          "document.querySelector('.curve [role=img]').getAttribute('aria-label').includes('one"
              + " 0.6667')");
      browser.value("across.value = 'tokens'; across.dispatchEvent(new Event('change'))");
      browser.await("document.querySelector('.u-legend .u-label').innerText === 'tokens'");
      browser.value("document.querySelector('input[aria-label=\"Draw two\"]').click()");
      browser.await("document.querySelectorAll('.curve canvas').length === 4"); // nothing held out
      RunFolder.make(root.resolve("three")).steps(0, 2);
      browser.await("runs.tBodies[0].rows.length === 3");

      List<String> unnamed =
          browser.spoken().stream()
              .filter(s -> s.matches("(button|combobox|checkbox|table|link|region|image): "))
              .toList();
      assertEquals(List.of(), unnamed);
      browser.size(390, 860);
      browser.await("document.documentElement.scrollWidth <= 390");
      assertEquals(List.of(), browser.complaints());

      browser.value("document.querySelector('#runs a').click()");
      browser.await("document.querySelectorAll('canvas').length >= 3"); // its own page
      assertEquals(List.of(), browser.complaints());
    }
    Files.delete(root.resolve("three/metrics.jsonl"));
  }
}
