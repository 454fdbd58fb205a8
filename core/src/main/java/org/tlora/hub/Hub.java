/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/**
 * Downloads from the Hugging Face hub into the cache that huggingface_hub uses: contents under
 * {@code blobs}, named by their hash, and a {@code snapshots/COMMIT} with links to them. What is
 * there is not asked for again.
 */
public final class Hub {
  private static final List<String> MODEL_FILES =
      List.of(
          "README.md", // which says under which license it is
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja",
          "adapter_config.json",
          "adapter_model.safetensors",
          "model.safetensors.index.json");

  private final HubSettings settings;
  private final HubListener listener;
  private final HubClient client;

  /** A hub; {@code listener} is told what goes on. */
  public Hub(HubSettings settings, HubListener listener) {
    this.settings = settings;
    this.listener = listener;
    this.client = new HubClient(settings);
  }

  /**
   * A model's (or an adapter's) files.
   *
   * @return the directory with them
   * @throws InputFault if there is no such repository, or it holds no safetensors
   * @throws RunFault if the download fails
   */
  public Path model(HubId id) {
    Path directory = snapshot(id, Hub::isOfModel);
    try (Stream<Path> files = Files.list(directory)) {
      if (files.noneMatch(f -> f.toString().endsWith(".safetensors"))) {
        throw new InputFault(id + " has no safetensors on the hub; convert it first");
      }
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be listed: " + Json.reason(e), e);
    }
    return directory;
  }

  private static boolean isOfModel(String file) {
    boolean weights = file.endsWith(".safetensors") && !file.contains("/");
    return MODEL_FILES.contains(file) || (weights && !file.startsWith("consolidated"));
  }

  /**
   * The Parquet files of a part of a data set.
   *
   * @param text {@code owner/name[:split]} or {@code owner/name:config/split}
   * @throws InputFault if there is no such data set or part
   */
  public List<Path> data(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String part = colon < 0 ? "train" : text.substring(colon + 1);
    HubId id =
        HubId.parquet(name)
            .orElseThrow(
                () -> new UsageFault("hub:" + text + " is not hub:owner/name[:split][@WEIGHT]"));
    String[] wanted = part.split("/", 2);
    Predicate<String> files =
        file -> {
          String[] path = file.split("/");
          boolean split = path.length == 3 && path[1].equals(wanted[wanted.length - 1]);
          return split
              && file.endsWith(".parquet")
              && (wanted.length == 1 || path[0].equals(wanted[0]));
        };
    Path directory = snapshot(id, files);
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> found =
          all.filter(f -> files.test(directory.relativize(f).toString())).sorted().toList();
      if (found.isEmpty()) {
        throw new InputFault("hub:" + text + ": the data set has no part '" + part + "'");
      }
      long configs = found.stream().map(f -> f.getParent().getParent()).distinct().count();
      if (configs > 1) {
        throw new InputFault(
            "hub:"
                + text
                + ": the data set has several configurations; say hub:"
                + name
                + ":CONFIG/"
                + part);
      }
      return found;
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be listed: " + Json.reason(e), e);
    }
  }

  private Path snapshot(HubId id, Predicate<String> wanted) {
    Path root = settings.cache().resolve(id.folder());
    if (settings.offline()) {
      return cached(id, root);
    }
    ObjectNode info = client.info(id);
    String commit = info.path("sha").asText();
    if (!commit.matches("[0-9a-f]{40}")) {
      throw new InputFault("the hub's answer about " + id + " names no commit");
    }
    Path directory = root.resolve("snapshots").resolve(commit);
    List<String> missing = new ArrayList<>();
    for (JsonNode sibling : info.path("siblings")) {
      String file = sibling.path("rfilename").asText();
      if (wanted.test(file)) {
        requireInside(directory, file, id);
        if (!Files.exists(directory.resolve(file))) {
          missing.add(file);
        }
      }
    }
    for (String file : missing) {
      download(id, commit, file, root, directory);
    }
    makeDirectory(directory);
    makeDirectory(root.resolve("refs").resolve(id.revision()).getParent());
    AtomicFiles.writeText(root.resolve("refs").resolve(id.revision()), commit);
    return directory;
  }

  private static void requireInside(Path directory, String file, HubId id) {
    Path target = directory.resolve(file).normalize();
    if (file.isEmpty() || !target.startsWith(directory) || file.contains("\\")) {
      throw new InputFault(id + " lists a file outside its directory: " + file);
    }
  }

  private Path cached(HubId id, Path root) {
    Path ref = root.resolve("refs").resolve(id.revision());
    try {
      String commit = Files.exists(ref) ? Files.readString(ref).strip() : id.revision();
      Path directory = root.resolve("snapshots").resolve(commit);
      if (Files.isDirectory(directory)) {
        return directory;
      }
    } catch (IOException e) {
      throw new RunFault(ref + " cannot be read: " + Json.reason(e), e);
    }
    throw new InputFault(
        id
            + " is not in the cache "
            + settings.cache()
            + ", and the hub is switched off (offline)");
  }

  private void download(HubId id, String commit, String file, Path root, Path directory) {
    String what = id + ", " + file;
    URI uri = client.file(id, commit, file);
    HttpResponse<InputStream> head = client.head(uri, what);
    HttpHeaders headers = head.headers();
    String etag =
        headers
            .firstValue("x-linked-etag")
            .or(() -> headers.firstValue("etag"))
            .map(e -> e.replaceFirst("^W/", "").replace("\"", ""))
            .orElse("");
    if (!etag.matches("[\\w-]{6,128}")) {
      throw new InputFault(what + ": the hub does not say what it is (no etag)");
    }
    long size =
        headers
            .firstValueAsLong("x-linked-size")
            .orElse(
                head.statusCode() == 200
                    ? headers.firstValueAsLong("content-length").orElse(-1)
                    : -1);
    Path blob = root.resolve("blobs").resolve(etag);
    if (!Files.exists(blob)) {
      LongConsumer progress = listener.onFile(what, size);
      new BlobDownload(client, uri, what, etag, size, blob, progress).run();
      listener.onFileDone(what);
    }
    link(directory.resolve(file), blob);
  }

  /** A relative link, or a copy where the file system has none. */
  private static void link(Path file, Path blob) {
    makeDirectory(file.getParent());
    try {
      Files.deleteIfExists(file);
      try {
        Files.createSymbolicLink(file, file.getParent().relativize(blob));
      } catch (UnsupportedOperationException | IOException e) {
        Files.copy(blob, file);
      }
    } catch (IOException e) {
      throw new RunFault(file + " cannot be made: " + Json.reason(e), e);
    }
  }

  private static void makeDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be made: " + Json.reason(e), e);
    }
  }
}
