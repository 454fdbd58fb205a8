/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.testing.Browser;
import org.tlora.testing.StartsProcess;

/** The page in a real browser, by hand and by ear; with {@code tlora.pictures} it is drawn, too. */
@StartsProcess
class PageTest {
  private static final Path PICTURES =
      System.getProperty("tlora.pictures") == null
          ? null
          : Path.of(System.getProperty("tlora.pictures"));

  @TempDir private static Path directory;
  private static TinyService service;
  private static Server server;
  private static Browser browser;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Optional<Browser> found = Browser.open(directory.resolve("profile"));
    assumeTrue(found.isPresent(), "skipped: there is no Chromium here");
    browser = found.get();
    browser.size(1180, 860);
    service = new TinyService(directory);
    Path keys = Files.writeString(directory.resolve("keys"), "open-sesame\n");
    // what trains writes a few steps and a map, and ends when its input does
    Path script = directory.resolve("train.sh");
    Files.writeString(
        script,
        """
        config=$3; out=$(sed -n 's/^output: "\\(.*\\)"$/\\1/p' "$config")
        mkdir -p "$out"; : > "$out/run.yaml"
        echo '{"modules":{"model.layers.0.self_attn.q_proj":{"rank":3,"alpha":6},\
        "model.layers.1.mlp.up_proj":{"rank":5,"alpha":10}}}' > "$out/calibration.json"
        for i in 0 1 2 3 4 5; do
          echo '{"step":'$i',"loss":'$((9 - i))',"learning_rate":1e-3,"tokens":64,\
        "tokens_per_second":100,"peak_rss_bytes":1e9}' >> "$out/metrics.jsonl"
        done
        echo '{"event":"message","text":"it trains"}' >&2
        cat > /dev/null; exit 130
        """);
    List<String> command = List.of("bash", script.toString());
    server =
        service.start(
            service
                .options()
                .apiKeys(keys)
                .fineTuning(
                    new FineTuningOptions(
                        directory.resolve("ft"),
                        command,
                        Map.of("model", "nowhere"),
                        Map.of(),
                        1 << 20)));
    browser.go(server.address() + "/");
    browser.await("document.getElementById('problem') && !problem.hidden");
    browser.value("key.focus()");
    browser.write("open-sesame");
    browser.press("Enter");
    browser.await("document.getElementById('model-0').options.length === 2");
  }

  @AfterAll
  static void end() {
    for (AutoCloseable one : new AutoCloseable[] {browser, server, service}) {
      try {
        if (one != null) {
          one.close();
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void picture(String name) throws IOException {
    if (PICTURES != null) {
      Files.write(PICTURES.resolve("serving-" + name + ".png"), browser.picture());
    }
  }

  private static void tab(String name) throws InterruptedException {
    browser.value("document.getElementById('tab-" + name + "').click()");
    browser.await("!document.getElementById('" + name + "').hidden");
  }

  @Test
  void whatItIsMadeOfIsHereAndNoOtherPageShowsIt() {
    Client client = new Client(server);
    HttpResponse<String> page = client.get("/").whole();
    assertEquals(200, page.statusCode());
    String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assertFalse(page.body().contains("http://") || page.body().contains("https://"));
    String tag = page.headers().firstValue("ETag").orElseThrow();
    assertEquals(304, client.send(client.request("/").header("If-None-Match", tag)).status());
    assertEquals(404, client.get("/page/..%2findex.html").status());
    assertEquals(401, client.get("/v1/models").status()); // the page is open, the rest is not
  }

  @Test
  void twoModelsAreAskedTheSameByKeysAlone() throws Exception {
    tab("chat");
    browser.value("beside.checked || beside.click()");
    browser.value("document.getElementById('model-1').value = 'lani'");
    browser.value("document.getElementById('model-1').dispatchEvent(new Event('change'))");
    browser.value("tokens.value = 12; message.focus()");
    browser.write("say lani <b>twice</b>");
    browser.press("Enter");
    browser.await("document.querySelectorAll('#log-0 .assistant, #log-1 .assistant').length === 2");
    browser.await("document.getElementById('stop').disabled && pace.textContent");
    assertEquals(
        "say lani <b>twice</b>",
        browser.value("document.querySelector('#log-1 .user span').textContent").asText());
    String tuned =
        browser.value("document.querySelector('#log-1 .assistant span').textContent").asText();
    String base =
        browser.value("document.querySelector('#log-0 .assistant span').textContent").asText();
    assertFalse(tuned.equals(base), tuned);
    picture("chat");
    browser.value("document.getElementById('tab-chat').focus()");
    browser.press("ArrowRight");
    browser.await("document.activeElement.id === 'tab-jobs' && !jobs.hidden");
  }

  @Test
  void aFileIsSentLookedAtAndTrainedOn() throws Exception {
    tab("data");
    Path rows = directory.resolve("rows.jsonl");
    Files.writeString(rows, "{\"prompt\": \"say lani\", \"response\": \"la<i>ni\"}\n".repeat(3));
    browser.choose("#file", rows);
    browser.value("upload.requestSubmit()");
    browser.await("document.querySelectorAll('#rows .shown').length === 3");
    String learned = browser.value("document.querySelector('#rows mark').textContent").asText();
    assertTrue(learned.contains("la<i>ni"), learned);
    assertEquals("preview-name", browser.value("document.activeElement.id").asText());
    picture("data");

    tab("jobs");
    browser.await("document.getElementById('job-file').options.length === 1");
    browser.value("document.getElementById('new-job').open = true");
    browser.value("document.getElementById('job-suffix').value = 'mine'");
    browser.value("document.getElementById('job-more').value = '{\"steps\": 6}'");
    browser.value("begin.requestSubmit()");
    browser.await("document.querySelectorAll('#report canvas').length === 3");
    browser.await("document.querySelectorAll('#report .heat td').length >= 4");
    browser.await("document.getElementById('events').textContent.includes('it trains')");
    browser.await("document.getElementById('job-state').textContent.startsWith('running')");
    picture("jobs");
    browser.value(
        "[...document.querySelectorAll('#job-list button')].find(b => b.textContent ==="
            + " 'Cancel').click()");
    browser.await("document.getElementById('job-state').textContent.startsWith('cancelled')");
  }

  @Test
  void whatIsWrongIsSaid() throws Exception {
    tab("jobs");
    browser.value(
        "document.getElementById('job-file').innerHTML = '<option>file-none</option>';"
            + "document.getElementById('job-more').value = '{\"rnak\": 6}'; begin.requestSubmit()");
    browser.await("!problem.hidden && problem.textContent.includes('file-none')");
    Thread.sleep(2500); // the page looks at its jobs meanwhile
    browser.await("!problem.hidden");
    browser.value("document.getElementById('job-more').value = ''");
    tab("chat");
    browser.await("problem.hidden");
  }

  @Test
  void everythingThatCanBeUsedHasAName() throws Exception {
    List<String> unnamed = new ArrayList<>();
    for (String part : List.of("chat", "jobs", "data")) {
      tab(part);
      for (String spoken : browser.spoken()) {
        if (spoken.matches("(button|textbox|combobox|checkbox|spinbutton|tab|table|link): ")) {
          unnamed.add(part + " " + spoken);
        }
      }
    }
    assertEquals(List.of(), unnamed);
    List<String> faults =
        browser.complaints().stream().filter(c -> !c.contains("status of 40")).toList();
    assertEquals(List.of(), faults);
  }
}
