/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.tlora.format.Json;
import org.tlora.track.MlflowClient.Refused;

/**
 * Sends what is in a queue to an MLflow server, by a thread of its own. While the server is away it
 * asks again after waits that double; what the server refuses is said and left out.
 */
final class MlflowSender implements AutoCloseable {
  /** Kinds of entries. */
  static final String BEGIN = "begin";

  static final String AGAIN = "again";
  static final String NUMBERS = "numbers";
  static final String TAGS = "tags";
  static final String FILE = "file";
  static final String END = "end";

  /** What is remembered. */
  static final String SERVER = "server";

  static final String RUN = "run_id";
  static final String LAST = "last_";
  private static final String ARTIFACTS = "artifact_uri";
  private static final String KEY = "key";
  private static final String OWN = "tlora.run";

  private static final int MOST_TRIES = 3;
  private static final int MOST_ENTRIES = 64;
  private static final int MOST_NUMBERS = 900; // of 1000 that the server takes at once
  private static final int MOST_PARAMETERS = 90; // of 100
  private static final int MOST_TEXT = 500; // what servers of all versions take
  private static final long LONGEST_WAIT_MILLIS = 60_000;
  private static final long PATIENCE_AT_END_MILLIS = 10_000;
  private static final String PROXIED = "mlflow-artifacts:";

  private final MlflowSettings settings;
  private final DiskQueue queue;
  private final TrackedRun run;
  private final MlflowClient client;
  private final Thread thread;
  private volatile boolean closing;
  private final Set<String> refused = new HashSet<>();
  private boolean away;
  private boolean saidArtifacts;
  private long wait;

  MlflowSender(MlflowSettings settings, DiskQueue queue, TrackedRun run) {
    this.settings = settings;
    this.queue = queue;
    this.run = run;
    client = new MlflowClient(settings);
    thread = new Thread(this::send, "mlflow");
    thread.setDaemon(true);
    thread.start();
  }

  private void send() {
    try {
      while (!closing || queue.waiting() > 0) {
        queue.await(200);
        DiskQueue.Next next = queue.next(MOST_ENTRIES);
        if (!next.objects().isEmpty() && !sent(next)) {
          if (closing) {
            return;
          }
          pause();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      run.message().accept("MLflow is told no more: " + e.getMessage());
    }
  }

  /** Whether the server has taken or refused them: then they are done. */
  private boolean sent(DiskQueue.Next next) throws InterruptedException {
    try {
      Map<String, String> last = new HashMap<>();
      send(next.objects(), last);
      queue.done(next, last);
      if (away) {
        run.message().accept("MLflow at " + settings.server() + " is back");
      }
      away = false;
      wait = 0;
      return true;
    } catch (IOException e) {
      away("is away (" + Json.reason(e) + ")");
    } catch (Refused e) {
      String token = "; are MLFLOW_TRACKING_TOKEN, or _USERNAME and _PASSWORD, right?";
      away("does not let us in (" + e.getMessage() + ")" + token);
    }
    return false;
  }

  private void away(String why) {
    if (!away) {
      run.message()
          .accept(
              "MLflow at "
                  + settings.server()
                  + " "
                  + why
                  + ": training goes on, what is to be sent waits in "
                  + run.output().resolve("mlflow"));
    }
    away = true;
    long first = settings.patience().toMillis();
    wait = Math.min(LONGEST_WAIT_MILLIS, wait == 0 ? first : 2 * wait);
  }

  private synchronized void pause() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(wait);
    while (!closing && end - System.nanoTime() > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
    }
  }

  /**
   * Sends entries in their order, numbers together.
   *
   * @throws Refused if the server wants to know who asks; what it refuses otherwise is left out
   */
  private void send(List<ObjectNode> entries, Map<String, String> last)
      throws IOException, Refused, InterruptedException {
    ArrayNode numbers = Json.object().putArray("metrics");
    for (ObjectNode e : entries) {
      if (e.path("kind").asText().equals(NUMBERS)) {
        e.path("values").properties().forEach(v -> number(numbers, e, v.getKey(), v.getValue()));
        last.put(LAST + e.path("of").asText(), e.path("step").asText());
        if (numbers.size() > MOST_NUMBERS - 100) {
          flush(numbers);
        }
      } else {
        flush(numbers);
        unlessRefused(e.path("kind").asText(), () -> one(e));
      }
    }
    flush(numbers);
  }

  private void flush(ArrayNode numbers) throws IOException, Refused, InterruptedException {
    if (!numbers.isEmpty()) {
      ObjectNode batch = Json.object();
      batch.set("metrics", numbers.deepCopy());
      unlessRefused("metrics", () -> client.post("runs/log-batch", ofRun(batch)));
      numbers.removeAll();
    }
  }

  /** A request, or several. */
  private interface Request {
    void send() throws IOException, Refused, InterruptedException;
  }

  private void unlessRefused(String what, Request request)
      throws IOException, Refused, InterruptedException {
    try {
      request.send();
    } catch (Refused e) {
      if (e.isAboutAccess()) {
        throw e;
      }
      if (refused.add(what)) { // of more of a kind nobody has to read
        run.message().accept("MLflow refuses " + what + ": " + e.getMessage());
      }
    }
  }

  private static void number(ArrayNode all, ObjectNode entry, String name, JsonNode value) {
    ObjectNode one = all.addObject().put("key", key(name));
    one.set("value", value);
    one.set("timestamp", entry.path("time"));
    one.set("step", entry.path("step"));
  }

  /** The letters that the server takes. */
  private static String key(String name) {
    return name.replaceAll("[^A-Za-z0-9_. :/-]", "_");
  }

  private void one(ObjectNode entry) throws IOException, Refused, InterruptedException {
    switch (entry.path("kind").asText()) {
      case BEGIN -> begin(entry);
      case AGAIN -> update(Json.object().put("status", "RUNNING"));
      case TAGS -> {
        ObjectNode batch = Json.object();
        batch.set("tags", pairs(entry.path("tags")));
        client.post("runs/log-batch", ofRun(batch));
      }
      case FILE -> file(Path.of(entry.path("file").asText()));
      case END ->
          update(
              Json.object()
                  .put("status", entry.path("status").asText())
                  .put("end_time", entry.path("time").asLong()));
      default -> {} // a damaged line
    }
  }

  private ObjectNode ofRun(ObjectNode body) {
    return body.put("run_id", queue.remembered(RUN));
  }

  private void update(ObjectNode body) throws IOException, Refused, InterruptedException {
    client.post("runs/update", ofRun(body));
  }

  private void begin(ObjectNode entry) throws IOException, Refused, InterruptedException {
    String experiment = experiment();
    if (queue.remembered(KEY).isEmpty()) {
      queue.remember(KEY, UUID.randomUUID().toString());
    } else if (queue.remembered(RUN).isEmpty()) {
      created(experiment); // by a request whose answer was lost
    }
    if (queue.remembered(RUN).isEmpty()) {
      create(experiment, entry);
    }
    ArrayNode all = pairs(entry.path("parameters"));
    for (int i = 0; i < all.size(); i += MOST_PARAMETERS) {
      ObjectNode batch = Json.object();
      ArrayNode some = batch.putArray("params");
      for (int k = i; k < Math.min(all.size(), i + MOST_PARAMETERS); k++) {
        some.add(all.get(k));
      }
      unlessRefused("params", () -> client.post("runs/log-batch", ofRun(batch)));
    }
  }

  /** Makes the run, and looks before another try whether the one before has made it. */
  private void create(String experiment, ObjectNode entry)
      throws IOException, Refused, InterruptedException {
    ObjectNode tags = Json.object().put("mlflow.runName", entry.path("name").asText());
    tags.put("mlflow.source.name", "tlora").put(OWN, queue.remembered(KEY));
    ObjectNode body = Json.object().put("experiment_id", experiment);
    body.put("run_name", entry.path("name").asText());
    body.put("start_time", entry.path("time").asLong());
    body.set("tags", pairs(tags));
    for (int tries = 1; queue.remembered(RUN).isEmpty(); tries++) {
      try {
        remember(client.postOnce("runs/create", body).path("run"));
      } catch (IOException e) {
        if (tries == MOST_TRIES) {
          throw e;
        }
        Thread.sleep(settings.patience().multipliedBy(tries).toMillis());
        created(experiment);
      }
    }
  }

  private void created(String experiment) throws IOException, Refused, InterruptedException {
    ObjectNode body = Json.object().put("max_results", 1);
    body.putArray("experiment_ids").add(experiment);
    body.put("filter", "tags.`" + OWN + "` = '" + queue.remembered(KEY) + "'");
    JsonNode found = client.post("runs/search", body).path("runs").path(0);
    if (found.has("info")) {
      remember(found);
    }
  }

  private void remember(JsonNode created) {
    queue.remember(ARTIFACTS, created.path("info").path(ARTIFACTS).asText());
    queue.remember(RUN, created.path("info").path(RUN).asText());
  }

  private String experiment() throws IOException, Refused, InterruptedException {
    try {
      return id(client.experiment(settings.experiment()).path("experiment"));
    } catch (Refused e) {
      if (!e.code().equals("RESOURCE_DOES_NOT_EXIST")) {
        throw e;
      }
    }
    try {
      return id(
          client.post("experiments/create", Json.object().put("name", settings.experiment())));
    } catch (Refused e) {
      if (!e.code().equals("RESOURCE_ALREADY_EXISTS")) {
        throw e;
      }
      return id(client.experiment(settings.experiment()).path("experiment")); // another run's
    }
  }

  private static String id(JsonNode experiment) {
    return experiment.path("experiment_id").asText();
  }

  private static ArrayNode pairs(JsonNode values) {
    ArrayNode all = Json.object().putArray("pairs");
    values
        .properties()
        .forEach(
            e -> {
              String text = e.getValue().asText();
              String cut =
                  text.length() > MOST_TEXT ? text.substring(0, MOST_TEXT - 1) + "…" : text;
              all.addObject().put("key", key(e.getKey())).put("value", cut);
            });
    return all;
  }

  /** A file goes through the server, or not at all: other stores have ways of their own. */
  private void file(Path file) throws IOException, Refused, InterruptedException {
    String root = queue.remembered(ARTIFACTS);
    if (!root.startsWith(PROXIED)) {
      if (!saidArtifacts) {
        saidArtifacts = true;
        run.message()
            .accept(
                "MLflow keeps files of runs in "
                    + root
                    + ", which is not behind its server: the report and others are not sent there");
      }
      return;
    }
    if (Files.isRegularFile(file)) {
      String path = root.substring(PROXIED.length()).replaceFirst("^//[^/]*", "");
      client.put(path.replaceFirst("^/+", "") + "/" + file.getFileName(), file);
    }
  }

  /** Sends what it can within a few seconds; a server that is away is asked once more. */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
      notifyAll();
    }
    try {
      thread.join(PATIENCE_AT_END_MILLIS);
      thread.interrupt();
      thread.join(Duration.ofSeconds(1).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
