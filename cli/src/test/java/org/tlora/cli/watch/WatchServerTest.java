/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.checkpoint.OutputLock;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.run.RunListener;

class WatchServerTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path directory;
  private Path root;
  private WatchServer server;
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void begin() throws IOException {
    root = Files.createDirectory(directory.resolve("runs"));
    server = serve(root);
  }

  private WatchServer serve(Path... paths) {
    WatchServer one = new WatchServer(List.of(paths), "127.0.0.1", 0, new RunListener() {});
    open.add(one);
    return one;
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private static HttpResponse<String> get(WatchServer from, String path) {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(URI.create(from.address() + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a page that has some of it is told, once the server looks again. */
  private JsonNode news(String have) throws InterruptedException {
    Thread.sleep(220);
    HttpResponse<String> answer = get(server, "/news?have=" + have);
    assertEquals(200, answer.statusCode(), answer.body());
    return Json.parseObject(answer.body(), "news");
  }

  private static String had(JsonNode fresh) {
    return fresh.path("id").asText()
        + "."
        + fresh.path("generation").asText()
        + "."
        + (fresh.path("from").asInt() + fresh.path("rows").size())
        + "."
        + (fresh.path("evaluations_from").asInt() + fresh.path("evaluations").size());
  }

  private Map<String, String> states() throws InterruptedException {
    Map<String, String> all = new TreeMap<>();
    news("").path("runs").forEach(r -> all.put(r.path("name").asText(), r.path("state").asText()));
    return all;
  }

  private static void report(RunFolder run, long secondsAfterMetrics) throws IOException {
    Path report = Files.writeString(run.path().resolve("report.html"), "<p>whole</p>");
    FileTime metrics = Files.getLastModifiedTime(run.path().resolve("metrics.jsonl"));
    Files.setLastModifiedTime(
        report, FileTime.fromMillis(metrics.toMillis() + 1000 * secondsAfterMetrics));
  }

  @Test
  void statesAreTold() throws Exception {
    RunFolder going = RunFolder.make(root.resolve("going"), "steps: 10").steps(0, 4);
    open.add(OutputLock.of(going.path()));
    RunFolder.make(root.resolve("done"), "steps: 3").steps(0, 3);
    report(RunFolder.make(root.resolve("early"), "steps: 9").steps(0, 3), 1);
    RunFolder kept = RunFolder.make(root.resolve("kept"), "steps: 9").steps(0, 3);
    Files.createDirectories(kept.path().resolve("checkpoints/step-3"));
    report(kept, 1);
    RunFolder killed = RunFolder.make(root.resolve("killed"), "steps: 9").steps(0, 5);
    Files.createDirectories(killed.path().resolve("checkpoints/step-3"));
    RunFolder again = RunFolder.make(root.resolve("again"), "steps: 9").steps(0, 5);
    report(again, -60); // of what it was before it was resumed
    RunFolder.make(root.resolve("nothing"), "steps: 9");
    assertEquals(
        Map.of(
            "going", "running",
            "done", "finished",
            "early", "finished",
            "kept", "interrupted",
            "killed", "crashed",
            "again", "crashed",
            "nothing", "crashed"),
        states());
    for (JsonNode run : news("").path("runs")) {
      if (run.path("name").asText().equals("going")) {
        assertEquals(4, run.path("steps").asInt());
        assertEquals(10, run.path("total").asInt());
        assertEquals(18.0, run.path("seconds_left").asDouble()); // of three seconds each
        assertEquals(1.0, run.path("loss").asDouble());
      }
    }
  }

  @Test
  void onlyWhatIsNewIsSent() throws Exception {
    RunFolder run = RunFolder.make(root.resolve("a"), "method: lora", "rank: 4").steps(0, 3);
    JsonNode first = news("").at("/new/0");
    assertEquals(3, first.path("rows").size());
    assertEquals("lora", first.at("/options/method").asText());
    assertEquals(
        Json.parse("[2,192,9,1.3333333333333333,0.001,100,1000000000]", "row"),
        first.at("/rows/2"));
    assertEquals(0, news(had(first)).path("new").size());

    String whole = RunFolder.line(3, 0.5);
    run.append(whole.substring(0, 20)); // half a line is no fault
    JsonNode half = news(had(first));
    assertEquals(0, half.path("new").size());
    assertTrue(half.at("/runs/0/problem").isNull());
    run.append(whole.substring(20) + "{\"step\":3,\"eval_loss\":0.7,\"eval_f1\":0.5}\n");
    JsonNode second = news(had(first)).at("/new/0");
    assertEquals(3, second.path("from").asInt());
    assertEquals(1, second.path("rows").size());
    assertEquals(0.5, second.at("/rows/0/3").asDouble());
    assertEquals(0.7, second.at("/evaluations/0/scalars/eval_loss").asDouble());
    assertEquals(256, second.at("/evaluations/0/tokens").asInt());
    assertTrue(second.path("options").isMissingNode());
    assertEquals(0, news(had(second)).path("new").size());
  }

  @Test
  void whatIsWrittenAnewIsReadAnew() throws Exception {
    RunFolder run = RunFolder.make(root.resolve("a")).steps(0, 5);
    JsonNode before = news("").at("/new/0");
    Path metrics = run.path().resolve("metrics.jsonl");
    Files.writeString(metrics, RunFolder.line(0, 9)); // shorter, in its place
    JsonNode shorter = news(had(before)).at("/new/0");
    assertEquals(0, shorter.path("from").asInt());
    assertEquals(1, shorter.path("rows").size());

    // emptied and longer again between two looks
    Files.writeString(metrics, RunFolder.line(0, 7) + RunFolder.line(1, 6));
    JsonNode longer = news(had(shorter)).at("/new/0");
    assertEquals(7, longer.at("/rows/0/3").asInt());
    assertEquals(2, longer.path("rows").size());

    // as a resumed run does it: another file in its place
    Path other = Files.writeString(directory.resolve("other"), RunFolder.line(0, 7));
    Files.move(other, metrics, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    run.steps(1, 3);
    JsonNode resumed = news(had(longer)).at("/new/0");
    assertEquals(0, resumed.path("from").asInt());
    assertEquals(3, resumed.path("rows").size());
  }

  @Test
  void runsComeAndGo() throws Exception {
    assertEquals(Map.of(), states());
    RunFolder.make(root.resolve("b")).steps(0, 1);
    Files.createDirectory(root.resolve("no-run"));
    assertEquals(Map.of("b", "crashed"), states());
    Files.delete(root.resolve("b/metrics.jsonl"));
    Files.delete(root.resolve("b/run.yaml"));
    assertEquals(Map.of(), states());
    Files.delete(root.resolve("b"));
    Files.delete(root.resolve("no-run"));
    Files.delete(root);
    String note = news("").at("/notes/0").asText();
    assertTrue(note.contains("cannot be looked at"), note);
  }

  @Test
  void severalDirectoriesAreToldApart() throws Exception {
    Path other = Files.createDirectory(directory.resolve("more"));
    RunFolder.make(root.resolve("a"));
    RunFolder.make(other.resolve("a"));
    RunFolder alone = RunFolder.make(directory.resolve("alone"));
    server = serve(root, other, alone.path());
    assertEquals(Map.of("runs/a", "crashed", "more/a", "crashed", "alone", "crashed"), states());
  }

  @Test
  void namesAreNoMarkupAndOptionsAreShownAsTheyAre() throws Exception {
    RunFolder.make(root.resolve("<img src=x>\u202e\u001b[31m"), "method: \"<script>1</script>\"")
        .steps(0, 2);
    JsonNode told = news("").at("/runs/0");
    assertEquals("<img src=x>\\u202e\\u001b[31m", told.path("name").asText());
    HttpResponse<String> page = get(server, "/runs/" + told.path("id").asText() + "/report");
    assertEquals(200, page.statusCode());
    assertFalse(page.body().contains("<img") || page.body().contains("<script>1"));
  }

  @Test
  void aRunHasItsPage() throws Exception {
    RunFolder run = RunFolder.make(root.resolve("a"), "steps: 9", "method: lora").steps(0, 2);
    OutputLock lock = OutputLock.of(run.path());
    String path = "/runs/" + news("").at("/runs/0/id").asText() + "/report";
    HttpResponse<String> live = get(server, path);
    assertTrue(live.body().contains("So far."), live.body());
    assertEquals("10", live.headers().firstValue("Refresh").orElseThrow());
    lock.close();
    report(run, 1);
    news("");
    HttpResponse<String> whole = get(server, path);
    assertEquals("<p>whole</p>", whole.body());
    assertTrue(whole.headers().firstValue("Refresh").isEmpty());
    String policy = whole.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("sandbox allow-scripts; default-src 'none'"), policy);
  }

  @Test
  void nothingElseIsServedAndLinksAreNotFollowed() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "{\"step\":0,\"loss\":42}\n");
    RunFolder run = RunFolder.make(root.resolve("a"));
    Files.writeString(run.path().resolve("adapter_model.safetensors"), "weights");
    Files.createSymbolicLink(run.path().resolve("metrics.jsonl"), secret);
    Files.createSymbolicLink(run.path().resolve("report.html"), secret);
    Path elsewhere = RunFolder.make(directory.resolve("elsewhere")).path();
    Files.createSymbolicLink(root.resolve("link"), elsewhere);
    JsonNode told = news("");
    assertEquals(1, told.path("runs").size());
    assertEquals(0, told.at("/runs/0/steps").asInt());
    assertTrue(told.at("/runs/0/problem").asText().contains("metrics.jsonl is a link"));
    String id = told.at("/runs/0/id").asText();
    HttpResponse<String> page = get(server, "/runs/" + id + "/report");
    assertEquals(500, page.statusCode());
    assertFalse(page.body().contains("42"), page.body());
    for (String path :
        List.of(
            "/runs/../report",
            "/runs/..%2f..%2fsecret/report",
            "/runs/" + id,
            "/runs/" + id + "/adapter_model.safetensors",
            "/runs/" + id + "/..%2Fa/report",
            "/page/../page.css",
            "/page/..%2fpage.css",
            "/page/%00",
            "/a/run.yaml",
            "/secret")) {
      assertEquals(404, get(server, path).statusCode(), path);
    }
  }

  @Test
  void nothingIsWritten() throws Exception {
    RunFolder run = RunFolder.make(root.resolve("a"), "steps: 5").steps(0, 2);
    String id = news("").at("/runs/0/id").asText();
    get(server, "/runs/" + id + "/report");
    try (Stream<Path> all = Files.list(run.path())) {
      assertEquals(
          List.of("metrics.jsonl", "run.yaml"),
          all.map(p -> p.getFileName().toString()).sorted().toList());
    }
    HttpResponse<String> sent =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(server.address() + "/news"))
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(405, sent.statusCode());
  }

  @Test
  void whatIsDamagedIsSaid() throws Exception {
    RunFolder run = RunFolder.make(root.resolve("a"), "[").steps(0, 1);
    String yaml = news("").at("/runs/0/problem").asText();
    assertTrue(yaml.contains("run.yaml"), yaml);
    Files.writeString(run.path().resolve("run.yaml"), "steps: 5\n");
    run.append("no\nJSON\n");
    String lines = news("").at("/runs/0/problem").asText();
    assertTrue(lines.contains("2 lines that are no JSON"), lines);
    for (String bad : List.of("x", "0123456789abcdef.g.1", "0123456789abcdef.g.99999999999.0")) {
      assertEquals(400, get(server, "/news?have=" + bad).statusCode(), bad);
    }
    assertEquals(400, get(server, "/news?want=all").statusCode());
  }

  private String status(String host, String origin) throws IOException {
    URI address = URI.create(server.address());
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      String head = "GET /news HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n";
      head += origin == null ? "\r\n" : "Origin: " + origin + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return answer.substring(9, 12);
    }
  }

  @Test
  void pagesOfOtherSitesAreNotAnswered() throws Exception {
    int port = URI.create(server.address()).getPort();
    assertEquals("200", status("localhost:" + port, null));
    assertEquals("200", status("127.0.0.1:" + port, "http://127.0.0.1:" + port));
    assertEquals("403", status("evil.example:" + port, null));
    assertEquals("403", status("127.0.0.1:" + port, "http://evil.example"));
    server = new WatchServer(List.of(root), "0.0.0.0", 0, new RunListener() {});
    open.add(server);
    assertEquals("200", status("192.0.2.7:" + port, null));
    assertEquals("403", status("evil.example", null));
  }

  @Test
  void aLongRunComesInParts() throws Exception {
    RunFolder run = RunFolder.make(root.resolve("a"));
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 45_000; i++) {
      lines.append("{\"step\":").append(i).append(",\"loss\":1.5}\n");
    }
    run.append(lines.toString());
    String have = "";
    List<Integer> sizes = new ArrayList<>();
    ObjectNode answer;
    do {
      answer = (ObjectNode) news(have);
      have = had(answer.at("/new/0"));
      sizes.add(answer.at("/new/0/rows").size());
    } while (answer.path("more").asBoolean());
    assertEquals(List.of(20_000, 20_000, 5_000), sizes);
  }

  @Test
  void whatIsNoDirectoryIsRefused() {
    InputFault none = assertThrows(InputFault.class, () -> serve(directory.resolve("none")));
    assertTrue(none.getMessage().contains("none cannot be looked at"), none.getMessage());
    assertThrows(
        UsageFault.class,
        () -> new WatchServer(List.of(root), "127.0.0.1", 70_000, new RunListener() {}));
  }
}
