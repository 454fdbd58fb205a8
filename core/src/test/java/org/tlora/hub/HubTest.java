/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.testing.TakesLong;

class HubTest {
  private static final HubId ID = HubId.model("some/model").orElseThrow();
  private static final byte[] WEIGHTS = bytes(3 << 20);

  @TempDir private Path cache;
  private final CountDownLatch over = new CountDownLatch(1);
  private FakeHub server;

  private static byte[] bytes(int count) {
    byte[] all = new byte[count];
    new Random(1).nextBytes(all);
    return all;
  }

  @BeforeEach
  void start() throws IOException {
    server = new FakeHub();
    server.files.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
    server.files.put("model.safetensors", WEIGHTS);
    server.files.put("pytorch_model.bin", bytes(10));
    server.files.put("onnx/model.safetensors", bytes(10));
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.close();
  }

  private Path download() {
    return new Hub(server.settings(cache), HubListener.NONE).model(ID);
  }

  @Test
  void aModelLiesWhereHuggingFacesToolsKeepIt() throws IOException {
    Path directory = download();
    Path root = cache.resolve("models--some--model");
    assertEquals(root.resolve("snapshots").resolve(FakeHub.COMMIT), directory);
    assertEquals(FakeHub.COMMIT, Files.readString(root.resolve("refs/main")));
    Path link = directory.resolve("model.safetensors");
    assertTrue(Files.isSymbolicLink(link));
    assertFalse(Files.readSymbolicLink(link).isAbsolute());
    Path blob = root.resolve("blobs").resolve(FakeHub.sha256(WEIGHTS));
    assertEquals(blob.toRealPath(), link.toRealPath());
    assertArrayEquals(WEIGHTS, Files.readAllBytes(link));
    assertFalse(Files.exists(directory.resolve("pytorch_model.bin")), "only what is needed");
    assertFalse(Files.exists(directory.resolve("onnx")));
    int asked = server.requests.size();
    download();
    assertEquals(asked + 1, server.requests.size(), "the second time only the commit is asked for");
  }

  @Test
  void aStreamThatIsCutGoesOnWhereItWas() throws IOException {
    for (int i = 0; i < 4; i++) {
      server.tricks.add(x -> false); // the commit, two HEADs, the small file
    }
    server.tricks.add(x -> false); // the redirect
    server.tricks.add(
        x -> {
          x.sendResponseHeaders(206, WEIGHTS.length);
          x.getResponseBody().write(WEIGHTS, 0, 1 << 20);
          x.getResponseBody().flush();
          x.close();
          return true;
        });
    Path directory = download();
    assertArrayEquals(WEIGHTS, Files.readAllBytes(directory.resolve("model.safetensors")));
    assertTrue(
        server.requests.stream().anyMatch(r -> r.matches(".*bytes=[1-9]\\d*-.*")),
        "resumed: " + server.requests);
  }

  /** Answers a request with some bytes and then with nothing, until the test is over. */
  private FakeHub.Trick stalling(int status, int length, int sent) {
    return x -> {
      x.sendResponseHeaders(status, length);
      x.getResponseBody().write(WEIGHTS, 0, sent);
      x.getResponseBody().flush();
      return stall();
    };
  }

  private boolean stall() {
    try {
      over.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  private Path downloadImpatiently() {
    HubSettings s = server.settings(cache);
    HubSettings impatient =
        new HubSettings(s.endpoint(), s.cache(), null, false, s.patience(), Duration.ofSeconds(1));
    return new Hub(impatient, HubListener.NONE).model(ID);
  }

  private void usualAnswers(int count) {
    for (int i = 0; i < count; i++) {
      server.tricks.add(x -> false);
    }
  }

  @Test
  @Timeout(60)
  void aBodyThatStallsIsAskedForAgainFromWhereItWas() throws IOException {
    usualAnswers(5); // the commit, two HEADs, the small file, the redirect
    server.tricks.add(stalling(206, WEIGHTS.length, 1 << 20));
    Path directory = downloadImpatiently();
    assertArrayEquals(WEIGHTS, Files.readAllBytes(directory.resolve("model.safetensors")));
    assertTrue(
        server.requests.stream().anyMatch(r -> r.contains("bytes=" + (1 << 20) + "-")),
        "resumed: " + server.requests);
  }

  @TakesLong
  @Test
  @Timeout(60)
  void anAnswerThatStallsAnywhereIsAskedForAgain() throws IOException {
    server.tricks.add(x -> stall()); // the commit, before its headers
    server.tricks.add(stalling(200, 500, 0)); // and within its body
    usualAnswers(1);
    server.tricks.add(x -> stall()); // a HEAD
    assertTrue(Files.exists(downloadImpatiently().resolve("config.json")));
  }

  /** A server without ranges sends all from the start, and what is there already is skipped. */
  @TakesLong
  @Test
  @Timeout(60)
  void aBodyThatStallsWhereItIsSkippedIsAskedForAgain() throws IOException {
    usualAnswers(5);
    server.tricks.add(stalling(206, WEIGHTS.length, 1 << 20));
    server.tricks.add(stalling(200, WEIGHTS.length, 1 << 10));
    Path directory = downloadImpatiently();
    assertArrayEquals(WEIGHTS, Files.readAllBytes(directory.resolve("model.safetensors")));
  }

  @TakesLong
  @Test
  @Timeout(60)
  void aServerThatAlwaysStallsIsAFault() {
    for (int i = 0; i < 20; i++) {
      server.tricks.add(stalling(200, 500, 3));
    }
    RunFault fault = assertThrows(RunFault.class, this::downloadImpatiently);
    assertTrue(fault.getMessage().contains("nothing came for"), fault.getMessage());
  }

  @Test
  void anEarlierPartialDownloadIsCompleted() throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("models--some--model/blobs"));
    Files.write(
        blobs.resolve(FakeHub.sha256(WEIGHTS) + ".incomplete"),
        java.util.Arrays.copyOf(WEIGHTS, 1_000_000));
    Path directory = download();
    assertArrayEquals(WEIGHTS, Files.readAllBytes(directory.resolve("model.safetensors")));
    assertTrue(server.requests.stream().anyMatch(r -> r.contains("bytes=1000000-")));
  }

  @Test
  void aWrongHashIsNotKept() {
    server.falseHashes.put("model.safetensors", "ab".repeat(32));
    RunFault fault = assertThrows(RunFault.class, this::download);
    assertTrue(fault.getMessage().contains("damaged"), fault.getMessage());
    Path blob = cache.resolve("models--some--model/blobs/" + "ab".repeat(32));
    assertFalse(Files.exists(blob));
    assertFalse(Files.exists(blob.resolveSibling(blob.getFileName() + ".incomplete")));
  }

  @Test
  void busyServersAreAskedAgain() throws IOException {
    server.tricks.add(
        x -> {
          x.getResponseHeaders().set("Retry-After", "2");
          x.sendResponseHeaders(429, -1);
          return true;
        });
    server.tricks.add(
        x -> {
          x.sendResponseHeaders(500, -1);
          return true;
        });
    assertTrue(Files.exists(download().resolve("config.json")));
  }

  @Test
  void aServerThatStaysBusyIsAFault() {
    for (int i = 0; i < 20; i++) {
      server.tricks.add(
          x -> {
            x.sendResponseHeaders(503, -1);
            return true;
          });
    }
    RunFault fault = assertThrows(RunFault.class, this::download);
    assertTrue(fault.getMessage().contains("503"), fault.getMessage());
  }

  @Test
  void theTokenGoesToTheHubAloneAndIsAskedFor() {
    server.requiredToken = "hf_secret";
    InputFault fault = assertThrows(InputFault.class, this::download);
    assertTrue(fault.getMessage().contains("HF_TOKEN"), fault.getMessage());
    HubSettings settings = server.settings(cache, "hf_secret");
    new Hub(settings, HubListener.NONE).model(ID);
    assertTrue(server.requests.stream().anyMatch(r -> r.contains("at storage")));
    assertTrue(server.requests.stream().noneMatch(r -> r.contains("WITH TOKEN")));
    assertFalse(settings.toString().contains("hf_secret"));
  }

  @Test
  void offlineTakesTheCacheAlone() {
    Hub offline = new Hub(server.settings(cache).offlineOnly(), HubListener.NONE);
    assertThrows(InputFault.class, () -> offline.model(ID));
    assertEquals(0, server.requests.size());
    Path directory = download();
    assertEquals(directory, offline.model(ID));
  }

  @Test
  void filesOutsideTheDirectoryAreRefused() {
    server.files.put("../train/0000.parquet", bytes(3));
    Hub hub = new Hub(server.settings(cache), HubListener.NONE);
    InputFault fault = assertThrows(InputFault.class, () -> hub.data("some/data"));
    assertTrue(fault.getMessage().contains("outside its directory"), fault.getMessage());
    server.files.put("../../evil.safetensors", bytes(3));
    Path directory = download(); // which takes no file of a folder below
    assertFalse(Files.exists(directory.resolve("../../evil.safetensors")));
  }

  @Test
  void dataSetsComeAsParquet() {
    server.files.put("default/train/0000.parquet", bytes(20));
    server.files.put("default/test/0000.parquet", bytes(30));
    Hub hub = new Hub(server.settings(cache), HubListener.NONE);
    List<Path> files = hub.data("some/data:test");
    assertEquals(1, files.size());
    assertTrue(files.get(0).endsWith("default/test/0000.parquet"), files.toString());
    assertTrue(server.requests.get(0).contains("/api/datasets/some/data/revision/"));
    assertThrows(InputFault.class, () -> hub.data("some/data:absent"));
    server.files.put("other/train/0000.parquet", bytes(21));
    assertThrows(InputFault.class, () -> hub.data("some/data"), "several configurations");
    assertEquals(1, hub.data("some/data:other/train").size());
    assertThrows(UsageFault.class, () -> hub.data("nonsense"));
    assertThrows(UsageFault.class, () -> hub.data("some/data@v1:test"), "not another revision");
  }

  @Test
  void idsAndSettings() {
    assertEquals("v1.0", HubId.model("a/b-c.d@v1.0").orElseThrow().revision());
    for (String no : List.of("a", "a/b/c", "../b", "a/..", "/a/b", "a/b@", "")) {
      assertEquals(Optional.empty(), HubId.model(no), no);
    }
    HubSettings s =
        HubSettings.of(
            Map.of("HF_HOME", "/h", "HF_ENDPOINT", "http://mirror:8080/", "HF_TOKEN", " t "),
            cache);
    assertEquals(URI.create("http://mirror:8080"), s.endpoint());
    assertEquals(Path.of("/h/hub"), s.cache());
    assertEquals("t", s.token());
    assertThrows(UsageFault.class, () -> HubSettings.of(Map.of("HF_ENDPOINT", "nowhere"), cache));
    assertEquals(Duration.ofSeconds(60), s.stall());
    String patience = "HF_HUB_DOWNLOAD_TIMEOUT";
    assertEquals(Duration.ofMillis(1500), HubSettings.of(Map.of(patience, "1.5"), cache).stall());
    for (String no : List.of("0", "-1", "soon", "NaN", "1e300")) {
      assertThrows(UsageFault.class, () -> HubSettings.of(Map.of(patience, no), cache), no);
    }
  }
}
