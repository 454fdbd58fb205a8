/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.tlora.format.Json;

/** A hub on this machine that serves a few files, and misbehaves when it is told to. */
public final class FakeHub implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** Answers one request instead of the usual answer; returns whether it did. */
  public interface Trick {
    boolean answers(HttpExchange exchange) throws IOException;
  }

  public final Map<String, byte[]> files = Collections.synchronizedMap(new LinkedHashMap<>());
  public final List<String> requests = new CopyOnWriteArrayList<>();
  final Deque<Trick> tricks = new ArrayDeque<>();
  public final FakeUploads uploads = new FakeUploads(this);
  final Map<String, String> falseHashes = new LinkedHashMap<>();
  public String requiredToken;
  private final HttpServer server;
  private final HttpServer storage;

  public FakeHub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    storage = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    for (HttpServer s : List.of(server, storage)) {
      s.createContext("/", this::handle);
      s.setExecutor(Executors.newCachedThreadPool());
      s.start();
    }
  }

  /** Where it is. */
  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Its storage, which is another host. */
  String storageAddress() {
    return "http://localhost:" + storage.getAddress().getPort();
  }

  HubSettings settings(Path cache) {
    return new HubSettings(URI.create(address()), cache, null, false, Duration.ofMillis(1));
  }

  public HubSettings settings(Path cache, String token) {
    HubSettings s = settings(cache);
    return new HubSettings(s.endpoint(), s.cache(), token, false, s.patience());
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void handle(HttpExchange x) throws IOException {
    boolean ofStorage = x.getLocalAddress().getPort() == storage.getAddress().getPort();
    String token = x.getRequestHeaders().getFirst("Authorization");
    String range = x.getRequestHeaders().getFirst("Range");
    requests.add(
        x.getRequestMethod()
            + " "
            + x.getRequestURI()
            + (range == null ? "" : " " + range)
            + (ofStorage ? " at storage" + (token == null ? "" : " WITH TOKEN") : ""));
    try (x) {
      Trick trick;
      synchronized (tricks) {
        trick = tricks.poll();
      }
      if (trick != null && trick.answers(x)) {
        return;
      }
      if (!ofStorage && requiredToken != null && !("Bearer " + requiredToken).equals(token)) {
        x.sendResponseHeaders(401, -1);
        return;
      }
      String path = x.getRequestURI().getPath();
      if (uploads.answers(x)) {
        return;
      }
      if (path.contains("/revision/")) {
        info(x);
      } else {
        file(x, path.substring(path.indexOf(COMMIT) + COMMIT.length() + 1), ofStorage);
      }
    }
  }

  private void info(HttpExchange x) throws IOException {
    var json = Json.object().put("sha", COMMIT);
    var siblings = json.putArray("siblings");
    files.keySet().forEach(f -> siblings.addObject().put("rfilename", f));
    byte[] bytes = Json.compact(json).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    x.sendResponseHeaders(200, bytes.length);
    x.getResponseBody().write(bytes);
  }

  private void file(HttpExchange x, String name, boolean ofStorage) throws IOException {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      x.sendResponseHeaders(404, -1);
      return;
    }
    String hash = falseHashes.getOrDefault(name, sha256(bytes));
    x.getResponseHeaders().set("X-Linked-Etag", "\"" + hash + "\"");
    x.getResponseHeaders().set("X-Linked-Size", "" + bytes.length);
    if (!ofStorage && name.endsWith(".safetensors")) {
      String there = storageAddress() + x.getRequestURI();
      x.getResponseHeaders().set("Location", there);
      x.sendResponseHeaders(302, -1);
      return;
    }
    if (x.getRequestMethod().equals("HEAD")) {
      x.sendResponseHeaders(200, -1);
      return;
    }
    String range = x.getRequestHeaders().getFirst("Range");
    int from = 0;
    int to = bytes.length;
    if (range != null) {
      String[] ends = range.substring("bytes=".length()).split("-");
      from = Integer.parseInt(ends[0]);
      to = Integer.parseInt(ends[1]) + 1;
    }
    x.sendResponseHeaders(range == null ? 200 : 206, to == from ? -1 : to - from);
    x.getResponseBody().write(bytes, from, to - from);
  }

  @Override
  public void close() {
    server.stop(0);
    storage.stop(0);
  }
}
