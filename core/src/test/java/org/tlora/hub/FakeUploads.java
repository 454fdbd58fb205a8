/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.format.Json;

/**
 * The part of a hub that models are pushed to: repositories with branches, and a storage of large
 * files that takes them whole or in parts. Misbehaves once for each trick that is laid for a kind
 * of request.
 */
public final class FakeUploads {
  /** A repository. */
  public static final class Repository {
    public boolean hidden;

    /** The files of each branch, by path; of large ones what the storage has. */
    public final Map<String, Map<String, byte[]>> branches = new TreeMap<>();

    final List<String> large = new ArrayList<>();
    public final List<JsonNode> commits = new ArrayList<>();

    public Repository() {
      branches.put("main", new TreeMap<>());
    }
  }

  private static final Pattern API = Pattern.compile("/api/models/([^/]+/[^/]+)(?:/(\\w+)/(.+))?");
  private static final Pattern LFS = Pattern.compile("/(.+)\\.git/info/lfs/objects/(\\w+)");

  public final Map<String, Repository> repositories = new ConcurrentHashMap<>();
  public final Map<String, byte[]> storage = new ConcurrentHashMap<>();

  /** Files of so many bytes go to the storage, and all that end in .safetensors. */
  public int largeFrom = 1 << 20;

  /** The size of parts; 0: large files come whole. */
  public int partBytes;

  /** Changes what the storage's protocol answers. */
  public UnaryOperator<ObjectNode> batch = UnaryOperator.identity();

  /** What is wrong with every card; null: nothing. */
  public String cardError;

  private final FakeHub hub;
  private final Map<String, Map<Integer, byte[]>> parts = new ConcurrentHashMap<>();
  private final List<Map.Entry<Pattern, FakeHub.Trick>> laid = new CopyOnWriteArrayList<>();

  FakeUploads(FakeHub hub) {
    this.hub = hub;
  }

  /**
   * Lays a trick for the next request of a kind.
   *
   * @param request such as {@code PUT /lfs/.*}
   */
  public void once(String request, FakeHub.Trick trick) {
    laid.add(Map.entry(Pattern.compile(request), trick));
  }

  /** Answers with a status and nothing of what was asked for. */
  public static FakeHub.Trick status(int status, String... headers) {
    return x -> {
      x.getRequestBody().readAllBytes();
      for (int i = 0; i < headers.length; i += 2) {
        x.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      x.sendResponseHeaders(status, -1);
      return true;
    };
  }

  /** Refuses with a status and a reason. */
  public static FakeHub.Trick refusal(int status, String reason) {
    return x -> {
      x.getRequestBody().readAllBytes();
      answer(x, status, Json.object().put("error", reason));
      return true;
    };
  }

  /** Reads some bytes and cuts the connection. */
  public static FakeHub.Trick cut(int after) {
    return x -> {
      x.getRequestBody().readNBytes(after);
      x.close();
      return true;
    };
  }

  private FakeHub.Trick trickFor(String request) {
    Optional<Map.Entry<Pattern, FakeHub.Trick>> first =
        laid.stream().filter(e -> e.getKey().matcher(request).matches()).findFirst();
    return first.filter(laid::remove).map(Map.Entry::getValue).orElse(null);
  }

  boolean answers(HttpExchange x) throws IOException {
    String path = x.getRequestURI().getPath();
    FakeHub.Trick trick = trickFor(x.getRequestMethod() + " " + path);
    if (trick != null && trick.answers(x)) {
      return true;
    }
    if (x.getRequestMethod().equals("PUT")) {
      put(x, path);
      return true;
    }
    if (path.equals("/api/repos/create")) {
      create(x);
      return true;
    }
    if (path.equals("/api/validate-yaml")) {
      card(x);
      return true;
    }
    if (path.startsWith("/api/complete/")) {
      complete(x, path.substring(path.lastIndexOf('/') + 1));
      return true;
    }
    Matcher lfs = LFS.matcher(path);
    if (lfs.matches()) {
      lfs(x, lfs.group(1), lfs.group(2));
      return true;
    }
    Matcher api = API.matcher(path);
    if (api.matches() && (repositories.containsKey(api.group(1)) || hub.files.isEmpty())) {
      api(x, api.group(1), api.group(2), api.group(3));
      return true;
    }
    return false;
  }

  private static ObjectNode body(HttpExchange x) throws IOException {
    String text = new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    return Json.parseObject(text, "a request");
  }

  private static void answer(HttpExchange x, int status, JsonNode json) throws IOException {
    byte[] bytes = Json.compact(json).getBytes(StandardCharsets.UTF_8);
    x.sendResponseHeaders(status, bytes.length);
    x.getResponseBody().write(bytes);
  }

  private void create(HttpExchange x) throws IOException {
    ObjectNode asked = body(x);
    String id = asked.path("organization").asText() + "/" + asked.path("name").asText();
    Repository made = new Repository();
    made.hidden = asked.path("private").asBoolean();
    if (repositories.putIfAbsent(id, made) != null) {
      answer(x, 409, Json.object().put("error", "You already created this model repo"));
      return;
    }
    answer(x, 200, Json.object().put("url", hub.address() + "/" + id));
  }

  private void card(HttpExchange x) throws IOException {
    body(x);
    ObjectNode said = Json.object();
    if (cardError != null) {
      said.putArray("errors").addObject().put("message", cardError);
    }
    answer(x, cardError == null ? 200 : 400, said);
  }

  private void api(HttpExchange x, String id, String what, String branch) throws IOException {
    Repository repository = repositories.get(id);
    if (repository == null) {
      answer(x, 404, Json.object().put("error", "Repository not found"));
      return;
    }
    if (what == null) {
      answer(x, 200, Json.object().put("id", id));
    } else if (what.equals("branch")) {
      repository.branches.put(branch, new TreeMap<>(repository.branches.get("main")));
      answer(x, 200, Json.object());
    } else if (repository.branches.get(branch) == null) {
      x.getResponseHeaders().set("X-Error-Code", "RevisionNotFound");
      answer(x, 404, Json.object().put("error", "Invalid rev id"));
    } else if (what.equals("revision")) {
      ObjectNode info = Json.object().put("sha", FakeHub.COMMIT).put("private", repository.hidden);
      var siblings = info.putArray("siblings");
      repository
          .branches
          .get(branch)
          .keySet()
          .forEach(f -> siblings.addObject().put("rfilename", f));
      answer(x, 200, info);
    } else if (what.equals("preupload")) {
      preupload(x, repository, branch);
    } else {
      commit(x, repository, branch);
    }
  }

  private boolean isLarge(String path, long size) {
    return size >= largeFrom || path.endsWith(".safetensors");
  }

  private void preupload(HttpExchange x, Repository repository, String branch) throws IOException {
    ObjectNode said = Json.object();
    var files = said.putArray("files");
    for (JsonNode f : body(x).path("files")) {
      String path = f.path("path").asText();
      boolean large = isLarge(path, f.path("size").asLong());
      ObjectNode file = files.addObject().put("path", path);
      file.put("uploadMode", large ? "lfs" : "regular");
      file.put("shouldIgnore", path.startsWith("ignored"));
      byte[] there = repository.branches.get(branch).get(path);
      if (there != null) {
        file.put("oid", large ? FakeHub.sha256(there) : UploadFile.of(path, there).gitSha1());
      }
    }
    answer(x, 200, said);
  }

  private void lfs(HttpExchange x, String id, String what) throws IOException {
    ObjectNode asked = body(x);
    if (what.equals("verify")) {
      byte[] there = storage.get(asked.path("oid").asText());
      boolean whole =
          there != null
              && there.length == asked.path("size").asLong()
              && FakeHub.sha256(there).equals(asked.path("oid").asText());
      answer(x, whole ? 200 : 422, Json.object());
      return;
    }
    ObjectNode said = Json.object().put("transfer", partBytes > 0 ? "multipart" : "basic");
    var objects = said.putArray("objects");
    for (JsonNode o : asked.path("objects")) {
      String oid = o.path("oid").asText();
      long size = o.path("size").asLong();
      ObjectNode object = objects.addObject().put("oid", oid).put("size", size);
      if (!storage.containsKey(oid)) {
        actions(object.putObject("actions"), id, oid, size);
      }
    }
    answer(x, 200, batch.apply(said));
  }

  private void actions(ObjectNode actions, String id, String oid, long size) {
    String verify = hub.address() + "/" + id + ".git/info/lfs/objects/verify";
    actions.putObject("verify").put("href", verify);
    ObjectNode upload = actions.putObject("upload");
    if (partBytes == 0) {
      upload.put("href", hub.storageAddress() + "/lfs/" + oid);
      upload.putObject("header").put("X-Kind", "whole");
      return;
    }
    upload.put("href", hub.address() + "/api/complete/" + oid);
    ObjectNode header = upload.putObject("header").put("chunk_size", "" + partBytes);
    for (int i = 0; (long) i * partBytes < size; i++) {
      String number = String.format("%05d", i + 1);
      header.put(number, hub.storageAddress() + "/part/" + oid + "/" + (i + 1));
    }
  }

  private void put(HttpExchange x, String path) throws IOException {
    byte[] bytes = x.getRequestBody().readAllBytes();
    String[] names = path.split("/");
    if (path.startsWith("/lfs/")) {
      storage.put(names[2], bytes);
    } else {
      parts
          .computeIfAbsent(names[2], p -> new ConcurrentHashMap<>()) // they come side by side
          .put(Integer.parseInt(names[3]), bytes);
      x.getResponseHeaders().set("ETag", "\"part-" + names[3] + "\"");
    }
    x.sendResponseHeaders(200, -1);
  }

  private void complete(HttpExchange x, String oid) throws IOException {
    ObjectNode asked = body(x);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    boolean known = asked.path("oid").asText().equals(oid);
    for (JsonNode part : asked.path("parts")) {
      int number = part.path("partNumber").asInt();
      known &= part.path("etag").asText().equals("\"part-" + number + "\"");
      whole.writeBytes(parts.get(oid).getOrDefault(number, new byte[0]));
    }
    if (known) {
      storage.put(oid, whole.toByteArray());
    }
    answer(x, known ? 200 : 400, Json.object());
  }

  private void commit(HttpExchange x, Repository repository, String branch) throws IOException {
    String text = new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String line : text.split("\n")) {
      JsonNode value = Json.parseObject(line, "a commit").path("value");
      switch (Json.parseObject(line, "a commit").path("key").asText()) {
        case "header" -> repository.commits.add(value);
        case "file" ->
            files.put(
                value.path("path").asText(),
                Base64.getDecoder().decode(value.path("content").asText()));
        case "lfsFile" -> {
          byte[] there = storage.get(value.path("oid").asText());
          if (there == null || !value.path("algo").asText().equals("sha256")) {
            answer(x, 400, Json.object().put("error", "LFS object is missing"));
            return;
          }
          files.put(value.path("path").asText(), there);
          repository.large.add(value.path("path").asText());
        }
        default -> throw new IOException(line);
      }
    }
    String query = "" + x.getRequestURI().getQuery();
    ObjectNode said = Json.object().put("success", true).put("commitOid", "c".repeat(40));
    said.put("commitUrl", hub.address() + "/commit/" + "c".repeat(40));
    if (query.contains("create_pr=1")) {
      repository.branches.put("refs/pr/1", files);
      said.put("pullRequestUrl", hub.address() + "/discussions/1");
    } else {
      repository.branches.get(branch).putAll(files);
    }
    answer(x, 200, said);
  }
}
