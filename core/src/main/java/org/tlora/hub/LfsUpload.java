/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.tlora.fault.Fault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.hub.UploadClient.Answer;
import org.tlora.hub.UploadClient.Call;

/**
 * Brings large files to the hub's storage by the batch protocol of Git LFS, whole or in parts. What
 * is there already is not sent again: the storage knows files by their SHA-256. The storage that
 * the hub has itself, Xet, takes over what comes this way.
 */
final class LfsUpload {
  private static final String TYPE = "application/vnd.git-lfs+json";
  private static final int FILES_AT_ONCE = 100;
  private static final int PARTS_AT_ONCE = 4;
  private static final int MOST_PARTS = 10_000;
  private static final String PART_BYTES = "chunk_size";

  private final UploadClient client;
  private final String repository;
  private final HubListener listener;

  LfsUpload(UploadClient client, String repository, HubListener listener) {
    this.client = client;
    this.repository = repository;
    this.listener = listener;
  }

  /**
   * Brings them there.
   *
   * @param branch that they are for, or null where it need not be one that the token may write to
   * @return how many had to be sent
   */
  int upload(List<UploadFile> files, String branch) {
    int sent = 0;
    for (int i = 0; i < files.size(); i += FILES_AT_ONCE) {
      List<UploadFile> some = files.subList(i, Math.min(files.size(), i + FILES_AT_ONCE));
      Map<UploadFile, JsonNode> wanted = wanted(some, branch);
      wanted.forEach(this::send);
      sent += wanted.size();
    }
    return sent;
  }

  /** The files that are not there, with what to do about each. */
  private Map<UploadFile, JsonNode> wanted(List<UploadFile> files, String branch) {
    ObjectNode request = Json.object().put("operation", "upload").put("hash_algo", "sha256");
    request.putArray("transfers").add("basic").add("multipart");
    Map<String, UploadFile> asked = new LinkedHashMap<>();
    files.forEach(f -> asked.put(f.sha256(), f)); // of the same bytes one is enough
    ArrayNode objects = request.putArray("objects");
    asked.forEach((oid, f) -> objects.addObject().put("oid", oid).put("size", f.size()));
    if (branch != null) {
      request.putObject("ref").put("name", branch);
    }
    URI uri = client.hub().at("/" + repository + ".git/info/lfs/objects/batch");
    byte[] body = Json.compact(request).getBytes(StandardCharsets.UTF_8);
    Answer answer = client.call(Call.post(uri, TYPE, body, repository));
    if (!answer.isOk()) {
      throw client.refused(answer, repository, repository);
    }
    ObjectNode said = client.json(answer, repository);
    String transfer = said.path("transfer").asText("basic");
    if (!transfer.equals("basic") && !transfer.equals("multipart")) {
      throw new RunFault(repository + ": the hub takes large files by " + transfer + " alone");
    }
    Map<UploadFile, JsonNode> wanted = new LinkedHashMap<>();
    for (JsonNode object : said.path("objects")) {
      UploadFile file = asked.remove(object.path("oid").asText());
      if (file == null || object.path("size").asLong(-1) != file.size()) {
        throw new RunFault(
            repository
                + ": the hub answers about a file that was not asked for ("
                + client.cleaned(object.path("oid").asText())
                + ")");
      }
      JsonNode error = object.path("error");
      if (!error.isMissingNode() && !error.isNull()) {
        String reason = client.cleaned(error.path("message").asText());
        throw client.refused(error.path("code").asInt(), reason, repository, file.path());
      }
      if (object.path("actions").path("upload").isObject()) {
        wanted.put(file, object.path("actions"));
      }
    }
    if (!asked.isEmpty()) {
      throw new RunFault(
          asked.values().iterator().next().path() + ": the hub does not say where to send it");
    }
    return wanted;
  }

  private void send(UploadFile file, JsonNode actions) {
    JsonNode upload = actions.path("upload");
    URI to = client.address(upload.path("href").asText(), file.path());
    LongConsumer progress = listener.onFile(file.path(), file.size());
    if (upload.path("header").has(PART_BYTES)) {
      multipart(file, to, upload.path("header"), progress);
    } else {
      put(file, to, headers(upload), 0, file.size(), progress);
    }
    if (actions.path("verify").isObject()) {
      verify(file, actions.path("verify"));
    }
    listener.onFileDone(file.path());
  }

  private static Map<String, String> headers(JsonNode action) {
    Map<String, String> all = new LinkedHashMap<>();
    action.path("header").properties().forEach(e -> all.put(e.getKey(), e.getValue().asText()));
    return all;
  }

  private Answer put(
      UploadFile file,
      URI to,
      Map<String, String> headers,
      long from,
      long count,
      LongConsumer progress) {
    UploadBody body =
        new UploadBody(
            () -> {
              file.requireUnchanged();
              return file.open(from, count);
            },
            count,
            progress);
    Answer answer = client.call(new Call("PUT", to, headers, body, file.path()));
    if (!answer.isOk()) {
      // this is the storage, which knows no token
      throw new RunFault(
          file.path()
              + ": the storage does not take it ("
              + answer.status()
              + "); push again, which goes on with what is missing");
    }
    return answer;
  }

  private void multipart(UploadFile file, URI done, JsonNode header, LongConsumer progress) {
    long size = header.path(PART_BYTES).asLong();
    TreeMap<Integer, URI> parts = new TreeMap<>();
    header
        .properties()
        .forEach(
            e -> {
              if (e.getKey().matches("\\d{1,5}")) {
                URI uri = client.address(e.getValue().asText(), file.path());
                parts.put(Integer.parseInt(e.getKey()), uri);
              }
            });
    boolean fit =
        size >= 1
            && !parts.isEmpty()
            && parts.size() <= MOST_PARTS
            && parts.firstKey() == 1
            && parts.lastKey() == parts.size()
            && (file.size() + size - 1) / size == parts.size();
    if (!fit) {
      throw new RunFault(
          file.path() + ": the hub wants parts of it that do not make the whole of it");
    }
    ObjectNode request = Json.object().put("oid", file.sha256());
    ArrayNode etags = request.putArray("parts");
    List<String> all = parts(file, size, new ArrayList<>(parts.values()), progress);
    for (int i = 0; i < all.size(); i++) {
      etags.addObject().put("partNumber", i + 1).put("etag", all.get(i));
    }
    byte[] body = Json.compact(request).getBytes(StandardCharsets.UTF_8);
    Answer answer = client.call(Call.post(done, TYPE, body, file.path()));
    if (!answer.isOk()) {
      throw client.refused(answer, repository, file.path());
    }
  }

  /** Sends parts side by side; gives what the storage calls each. */
  private List<String> parts(UploadFile file, long size, List<URI> to, LongConsumer progress) {
    ExecutorService workers = Executors.newFixedThreadPool(PARTS_AT_ONCE);
    try {
      List<Future<String>> running = new ArrayList<>();
      for (int i = 0; i < to.size(); i++) {
        long from = i * size;
        URI uri = to.get(i);
        long count = Math.min(size, file.size() - from);
        running.add(
            workers.submit(
                () ->
                    put(file, uri, Map.of(), from, count, progress)
                        .headers()
                        .firstValue("etag")
                        .orElse("")));
      }
      List<String> etags = new ArrayList<>();
      for (Future<String> part : running) {
        etags.add(etag(file, part));
      }
      return etags;
    } finally {
      workers.shutdownNow();
    }
  }

  private static String etag(UploadFile file, Future<String> part) {
    try {
      String etag = part.get();
      if (etag.isEmpty()) {
        throw new RunFault(file.path() + ": the storage does not say what it got (no etag)");
      }
      return etag;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFault(file.path() + ": the upload was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Fault fault) {
        throw fault;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Asks whether what arrived is what was sent. */
  private void verify(UploadFile file, JsonNode action) {
    URI uri = client.address(action.path("href").asText(), file.path());
    ObjectNode request = Json.object().put("oid", file.sha256()).put("size", file.size());
    Map<String, String> headers = new LinkedHashMap<>(headers(action));
    headers.put("Content-Type", TYPE);
    headers.put("Accept", TYPE);
    byte[] body = Json.compact(request).getBytes(StandardCharsets.UTF_8);
    Answer answer = client.call(new Call("POST", uri, headers, UploadBody.of(body), file.path()));
    if (answer.status() == 401 || answer.status() == 403) {
      throw client.refused(answer, repository, file.path());
    }
    if (!answer.isOk() || differs(answer.text(), file)) {
      throw new RunFault(
          file.path() + " did not arrive as it was sent (" + answer.status() + "): push again");
    }
  }

  /** Whether an answer that says what arrived says something else; it need not say it. */
  private static boolean differs(String text, UploadFile file) {
    if (!text.strip().startsWith("{")) {
      return false;
    }
    JsonNode said = Json.parse(text, "the hub's answer about " + file.path());
    return !said.path("oid").asText(file.sha256()).equals(file.sha256())
        || said.path("size").asLong(file.size()) != file.size();
  }
}
