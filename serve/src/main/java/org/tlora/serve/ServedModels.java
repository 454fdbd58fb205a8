/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.tlora.LanguageModel;
import org.tlora.TrainedAdapter;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.job.Shelf;

/** The base and its adapters, by the names that clients ask for. Safe for threads. */
final class ServedModels implements Shelf, AutoCloseable {
  private static final String UNKNOWN = "model_not_found";

  private final LanguageModel model;
  private final String base;
  private final Path allowed; // or null: clients load nothing
  private final long created = System.currentTimeMillis() / 1000;
  private final Map<String, TrainedAdapter> adapters = new LinkedHashMap<>(); // guarded by this
  private final Set<String> loading = new HashSet<>(); // guarded by this
  private final Object reading = new Object();
  private volatile Function<String, Optional<Path>> further = name -> Optional.empty();

  /**
   * A base alone.
   *
   * @param allowed where adapters that clients load must lie, or null
   */
  ServedModels(LanguageModel model, String base, Path allowed) {
    this.model = model;
    this.base = base;
    this.allowed = allowed;
  }

  @Override
  public String base() {
    return base;
  }

  /** Where adapters are that are read once somebody asks for them. */
  void lookFurtherIn(Function<String, Optional<Path>> more) {
    further = more;
  }

  @Override
  public void add(String name, Path directory) {
    add(name, directory.toString());
  }

  @Override
  public void drop(String name) {
    TrainedAdapter gone;
    synchronized (this) {
      gone = adapters.remove(name);
    }
    if (gone != null) {
      gone.close();
    }
  }

  @Override
  public Optional<Path> directoryOf(String name) {
    List<TrainedAdapter> own;
    try {
      own = adaptersOf(name);
    } catch (ApiException e) {
      return Optional.empty();
    }
    return own.stream().map(TrainedAdapter::directory).findFirst();
  }

  /** Adapters that are there. */
  synchronized int adapters() {
    return adapters.size();
  }

  /** What the base runs with under a name. */
  List<TrainedAdapter> adaptersOf(String name) {
    if (name.equals(base)) {
      return List.of();
    }
    TrainedAdapter adapter = find(name);
    if (adapter == null) {
      adapter = read(name);
    }
    return List.of(adapter);
  }

  private synchronized TrainedAdapter find(String name) {
    return adapters.get(name);
  }

  /** One of those that were not asked for before; by one thread at a time. */
  private TrainedAdapter read(String name) {
    Optional<Path> directory = further.apply(name);
    if (directory.isPresent()) {
      synchronized (reading) {
        if (find(name) == null) {
          add(name, directory.get());
        }
      }
    }
    TrainedAdapter adapter = find(name);
    if (adapter == null) {
      throw ApiException.notFound("model", UNKNOWN, "the model '" + name + "' does not exist");
    }
    return adapter;
  }

  /**
   * Reads an adapter; what runs meanwhile goes on.
   *
   * @throws InputFault if it is none, damaged, or another model's
   * @throws ApiException if the name is taken
   */
  void add(String name, String directory) {
    synchronized (this) {
      if (name.equals(base) || adapters.containsKey(name) || loading.contains(name)) {
        throw ApiException.invalid("lora_name", "the name '" + name + "' is taken");
      }
      loading.add(name);
    }
    try {
      TrainedAdapter adapter = model.adapter(directory);
      synchronized (this) {
        adapters.put(name, adapter);
      }
    } finally {
      synchronized (this) {
        loading.remove(name);
      }
    }
  }

  /** The same for a client, which may name what lies below a directory alone. */
  void addFor(String name, String path) {
    if (allowed == null) {
      throw disabled();
    }
    add(name, "" + within(path));
  }

  /** Links are followed first, so that none leads out. */
  private Path within(String path) {
    ApiException outside =
        new ApiException(
            403,
            "invalid_request_error",
            "lora_path",
            "path_not_allowed",
            "'lora_path' is not below the directory that adapters may be loaded from");
    try {
      Path root = allowed.toRealPath();
      Path given = root.resolve(path).normalize();
      if (!given.startsWith(root) || !given.toRealPath().startsWith(root)) {
        throw outside;
      }
      return given.toRealPath();
    } catch (IOException e) {
      throw ApiException.invalid("lora_path", "there is no '" + path + "'");
    } catch (java.nio.file.InvalidPathException e) {
      throw outside;
    }
  }

  /** Forgets an adapter; texts that run with it end as they would. */
  void remove(String name) {
    if (allowed == null) {
      throw disabled();
    }
    TrainedAdapter gone;
    synchronized (this) {
      gone = adapters.remove(name);
    }
    if (gone == null) {
      throw ApiException.notFound(
          "lora_name", UNKNOWN, "there is no adapter of the name '" + name + "'");
    }
    gone.close();
  }

  private static ApiException disabled() {
    return new ApiException(
        403,
        "invalid_request_error",
        null,
        "adapter_loading_disabled",
        "adapters are loaded by clients only where the server was started with"
            + " --allow-adapter-loading");
  }

  /** All of them, the base first. */
  ObjectNode list() {
    ObjectNode all = Json.object().put("object", "list");
    ArrayNode data = all.putArray("data");
    data.add(describe(base));
    List<String> names;
    synchronized (this) {
      names = new ArrayList<>(adapters.keySet());
    }
    names.forEach(name -> data.add(describe(name)));
    return all;
  }

  /** One of them. */
  ObjectNode describe(String name) {
    List<TrainedAdapter> own = adaptersOf(name);
    ObjectNode one =
        Json.object()
            .put("id", name)
            .put("object", "model")
            .put("created", created)
            .put("owned_by", "tlora");
    boolean here = own.isEmpty() || name.startsWith("ft:"); // what a job has made has no other name
    one.put("root", here ? name : "" + own.get(0).directory().getFileName());
    one.put("parent", own.isEmpty() ? null : base);
    if (own.isEmpty()) {
      one.put("max_model_len", model.contextLength());
    }
    return one;
  }

  @Override
  public synchronized void close() {
    adapters.values().forEach(TrainedAdapter::close);
    adapters.clear();
  }
}
