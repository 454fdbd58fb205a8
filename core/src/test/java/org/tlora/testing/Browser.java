/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.tlora.format.Json;

/** A headless Chromium with one page, by the protocol of its developer tools. */
public final class Browser implements AutoCloseable {
  private static final String LISTENING = "DevTools listening on ";

  private final Process process;
  private final WebSocket socket;
  private final String session;
  private final AtomicInteger next = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final List<String> complaints = new ArrayList<>();

  private Browser(Path program, Path profile) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString(), "--headless"));
    command.addAll(List.of("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"));
    command.addAll(List.of("--disable-background-networking", "--disable-component-update"));
    command.addAll(List.of("--remote-debugging-port=0", "--user-data-dir=" + profile));
    command.add("about:blank");
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = said.readLine();
    while (line != null && !line.startsWith(LISTENING)) {
      line = said.readLine();
    }
    if (line == null) {
      throw new IOException("the browser has not begun");
    }
    Thread reader = new Thread(() -> said.lines().forEach(l -> {}), "browser");
    reader.setDaemon(true);
    reader.start();
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(line.substring(LISTENING.length()).strip()), new Listener())
            .join();
    JsonNode target = send(null, "Target.createTarget", Json.object().put("url", "about:blank"));
    ObjectNode attach = Json.object().put("targetId", target.path("targetId").asText());
    session =
        send(null, "Target.attachToTarget", attach.put("flatten", true)).path("sessionId").asText();
    send("Page.enable", Json.object());
    send("Runtime.enable", Json.object());
    send("Log.enable", Json.object());
  }

  /** A browser, where there is one. */
  public static Optional<Browser> open(Path profile) throws IOException {
    Optional<Path> program =
        Stream.of("chromium", "chromium-headless-shell", "google-chrome", "chrome")
            .flatMap(
                name ->
                    Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
                        .map(d -> Path.of(d, name)))
            .filter(Files::isExecutable)
            .findFirst();
    return program.isEmpty() ? Optional.empty() : Optional.of(new Browser(program.get(), profile));
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        take(Json.parseObject(text.toString(), "the browser"));
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private void take(ObjectNode message) {
    String method = message.path("method").asText();
    if (message.has("id")) {
      waiting.remove(message.path("id").asInt()).complete(message);
    } else if (method.equals("Runtime.exceptionThrown") || method.equals("Log.entryAdded")) {
      synchronized (complaints) {
        complaints.add(message.path("params").toString());
      }
    }
  }

  private JsonNode send(String method, ObjectNode parameters) {
    return send(session, method, parameters);
  }

  private JsonNode send(String to, String method, ObjectNode parameters) {
    int id = next.incrementAndGet();
    ObjectNode message = Json.object().put("id", id).put("method", method);
    if (to != null) {
      message.put("sessionId", to);
    }
    message.set("params", parameters);
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    socket.sendText(Json.compact(message), true).join();
    JsonNode got = answer.orTimeout(60, TimeUnit.SECONDS).join();
    if (got.has("error")) {
      throw new IllegalStateException(method + ": " + got.path("error"));
    }
    return got.path("result");
  }

  /** Goes to an address. */
  public void go(String address) {
    send("Page.navigate", Json.object().put("url", address));
  }

  /** How large the page is. */
  public void size(int width, int height) {
    ObjectNode all = Json.object().put("width", width).put("height", height);
    send(
        "Emulation.setDeviceMetricsOverride", all.put("deviceScaleFactor", 1).put("mobile", false));
  }

  /** What an expression of the page's language gives, waited for. */
  public JsonNode value(String expression) {
    ObjectNode all = Json.object().put("expression", expression).put("returnByValue", true);
    JsonNode got = send("Runtime.evaluate", all.put("awaitPromise", true));
    if (got.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + got.path("exceptionDetails"));
    }
    return got.at("/result/value");
  }

  /** Waits until an expression holds. */
  public void await(String expression) throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      if (value("Boolean(" + expression + ")").asBoolean()) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError(
        expression + " does not hold: " + value("document.body.innerText") + complaints());
  }

  /** A key as a person presses it, such as Tab, Enter or ArrowRight. */
  public void press(String key) {
    int code =
        switch (key) {
          case "Tab" -> 9;
          case "Enter" -> 13;
          case "ArrowRight" -> 39;
          default -> 32;
        };
    for (String type : new String[] {"keyDown", "keyUp"}) {
      ObjectNode all = Json.object().put("type", type).put("key", key).put("code", key);
      if (type.equals("keyDown") && key.equals("Enter")) {
        all.put("text", "\r");
      }
      send("Input.dispatchKeyEvent", all.put("windowsVirtualKeyCode", code));
    }
  }

  /** Writes where the focus is. */
  public void write(String text) {
    send("Input.insertText", Json.object().put("text", text));
  }

  /** Chooses a file in a field for files. */
  public void choose(String selector, Path file) {
    JsonNode root = send("DOM.getDocument", Json.object()).at("/root/nodeId");
    ObjectNode query = Json.object().put("nodeId", root.asInt()).put("selector", selector);
    int node = send("DOM.querySelector", query).path("nodeId").asInt();
    ObjectNode all = Json.object().put("nodeId", node);
    all.putArray("files").add(file.toString());
    send("DOM.setFileInputFiles", all);
  }

  /** Names of roles and of what has none, as a screen reader gets them. */
  public List<String> spoken() {
    send("Accessibility.enable", Json.object());
    List<String> all = new ArrayList<>();
    for (JsonNode node : send("Accessibility.getFullAXTree", Json.object()).path("nodes")) {
      if (!node.path("ignored").asBoolean()) {
        all.add(node.at("/role/value").asText() + ": " + node.at("/name/value").asText());
      }
    }
    return all;
  }

  /** A picture of the page. */
  public byte[] picture() {
    JsonNode got = send("Page.captureScreenshot", Json.object().put("format", "png"));
    return Base64.getDecoder().decode(got.path("data").asText());
  }

  /** What the page has complained of: faults of scripts, what its policy has refused. */
  public List<String> complaints() {
    synchronized (complaints) {
      return List.copyOf(complaints);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
