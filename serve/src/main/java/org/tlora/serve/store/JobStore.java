/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tlora.format.Json;
import org.tlora.serve.store.StoredJob.OwnProcess;

/** Jobs and what happened to them. Safe for threads. */
public final class JobStore {
  private final Database database;

  /** The jobs of a database. */
  public JobStore(Database database) {
    this.database = database;
  }

  /** Writes what is done meanwhile all at once. */
  public void together(Runnable writes) {
    database.together(writes);
  }

  /** The name of a job that is to be. */
  public static String newId() {
    return Ids.next("ftjob-");
  }

  /** Keeps a job that waits for its turn. */
  public StoredJob add(
      String id, ObjectNode request, Map<String, List<String>> options, String model) {
    database.write(
        "INSERT INTO jobs (id, created_at, status, request, options, model)"
            + " VALUES (?, ?, ?, ?, ?, ?)",
        id,
        Database.now(),
        JobStatus.QUEUED.text(),
        Json.compact(request),
        Json.compact(json(options)),
        model);
    return find(id).orElseThrow();
  }

  private static ObjectNode json(Map<String, List<String>> options) {
    ObjectNode all = Json.object();
    options.forEach(
        (name, values) -> {
          ArrayNode array = all.putArray(name);
          values.forEach(array::add);
        });
    return all;
  }

  /** The job of an id. */
  public Optional<StoredJob> find(String id) {
    return read("WHERE id = ?", id).stream().findFirst();
  }

  /** The job that makes what has that name. */
  public Optional<StoredJob> ofModel(String model) {
    return read("WHERE model = ?", model).stream().findFirst();
  }

  /** All of them, the newest first. */
  public List<StoredJob> all() {
    return read("ORDER BY position DESC");
  }

  /** Those of a status, the oldest first. */
  public List<StoredJob> of(JobStatus status) {
    return read("WHERE status = ? ORDER BY position", status.text());
  }

  /** Changes the status where it is one of these; whether it was. */
  public boolean change(String id, JobStatus to, JobStatus... from) {
    boolean changed = false;
    for (JobStatus one : from) {
      changed |=
          database.write(
                  "UPDATE jobs SET status = ?, error = NULL,"
                      + " started_at = CASE WHEN ? = 'running' AND started_at IS NULL THEN ?"
                      + " ELSE started_at END,"
                      + " finished_at = CASE WHEN ? IN ('succeeded', 'cancelled') THEN ? END"
                      + " WHERE id = ? AND status = ?",
                  to.text(),
                  to.text(),
                  Database.now(),
                  to.text(),
                  Database.now(),
                  id,
                  one.text())
              > 0;
    }
    return changed;
  }

  /** Ends a job that is open, and says why. */
  public void fail(String id, String error) {
    database.write(
        "UPDATE jobs SET status = 'failed', error = ?, finished_at = ?"
            + " WHERE id = ? AND status IN ('queued', 'running', 'paused')",
        error,
        Database.now(),
        id);
  }

  /** The process that trains a job, or null. */
  public void process(String id, OwnProcess process) {
    database.write(
        "UPDATE jobs SET process = ?, process_started = ? WHERE id = ?",
        process == null ? null : process.pid(),
        process == null ? null : process.started(),
        id);
  }

  /** Those that a process trains, or trained when this one's predecessor was killed. */
  public List<StoredJob> withProcess() {
    return read("WHERE process IS NOT NULL");
  }

  /** How far a job has come. */
  public void progress(String id, long steps, long trainedTokens) {
    database.write(
        "UPDATE jobs SET steps = ?, trained_tokens = ? WHERE id = ?", steps, trainedTokens, id);
  }

  /** How many steps a job will take. */
  public void totalSteps(String id, long totalSteps) {
    database.write("UPDATE jobs SET total_steps = ? WHERE id = ?", totalSteps, id);
  }

  /** The file with a job's measurements. */
  public void resultFile(String id, String file) {
    database.write("UPDATE jobs SET result_file = ? WHERE id = ?", file, id);
  }

  /** What a job made was deleted. */
  public void forgetModel(String id) {
    database.write("UPDATE jobs SET model = NULL WHERE id = ?", id);
  }

  /** Says what happened to a job. */
  public void event(String job, String level, String message) {
    database.write(
        "INSERT INTO events (job, created_at, level, type, message, data)"
            + " VALUES (?, ?, ?, 'message', ?, '{}')",
        job,
        Database.now(),
        level,
        message);
  }

  /**
   * Keeps measurements; those of the same step were of a run that went on from before it, and are
   * replaced.
   *
   * @param step what is measured when, such as {@code train-12}
   */
  public void metrics(String job, String step, String message, ObjectNode data) {
    database.write(
        "INSERT INTO events (job, created_at, level, type, message, step, data)"
            + " VALUES (?, ?, 'info', 'metrics', ?, ?, ?)"
            + " ON CONFLICT (job, step) DO UPDATE SET message = excluded.message,"
            + " data = excluded.data",
        job,
        Database.now(),
        message,
        step,
        Json.compact(data));
  }

  /** The measurements of a step. */
  public Optional<ObjectNode> metricsOf(String job, String step) {
    return database
        .read(
            row -> Json.parseObject(row.getString("data"), "the database"),
            "SELECT data FROM events WHERE job = ? AND step = ?",
            job,
            step)
        .stream()
        .findFirst();
  }

  /**
   * What happened to a job, the newest first.
   *
   * @param before the id of the event that they came before; 0: the newest there is
   * @param most of them
   */
  public List<JobEvent> events(String job, long before, int most) {
    return database.read(
        row ->
            new JobEvent(
                row.getLong("position"),
                row.getLong("created_at"),
                row.getString("level"),
                row.getString("type"),
                row.getString("message"),
                Json.parseObject(row.getString("data"), "the database")),
        "SELECT * FROM events WHERE job = ? AND (? = 0 OR position < ?)"
            + " ORDER BY position DESC LIMIT ?",
        job,
        before,
        before,
        most);
  }

  private List<StoredJob> read(String which, Object... values) {
    return database.read(JobStore::job, "SELECT * FROM jobs " + which, values);
  }

  private static StoredJob job(ResultSet row) throws SQLException {
    Map<String, List<String>> options = new LinkedHashMap<>();
    JsonNode kept = Json.parseObject(row.getString("options"), "the database");
    kept.properties()
        .forEach(
            e -> {
              List<String> values = new ArrayList<>();
              e.getValue().forEach(v -> values.add(v.asText()));
              options.put(e.getKey(), values);
            });
    long pid = row.getLong("process");
    return new StoredJob(
        row.getString("id"),
        row.getLong("created_at"),
        row.getLong("started_at"),
        row.getLong("finished_at"),
        JobStatus.of(row.getString("status")),
        Json.parseObject(row.getString("request"), "the database"),
        options,
        row.getString("model"),
        row.getString("error"),
        row.getLong("trained_tokens"),
        row.getLong("steps"),
        row.getLong("total_steps"),
        row.getString("result_file"),
        pid == 0 ? null : new OwnProcess(pid, row.getLong("process_started")));
  }
}
