/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.NamedOptions;
import org.tlora.fault.Fault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.report.LiveReport;
import org.tlora.run.RunListener;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.api.JobBody;
import org.tlora.serve.api.Listing;
import org.tlora.serve.store.FileStore;
import org.tlora.serve.store.JobEvent;
import org.tlora.serve.store.JobStatus;
import org.tlora.serve.store.JobStore;
import org.tlora.serve.store.StoredFile;
import org.tlora.serve.store.StoredJob;

/** Fine-tuning as clients ask for it. Safe for threads. */
public final class Jobs implements AutoCloseable {
  /** What a file must be for. */
  public static final String PURPOSE = "fine-tune";

  /** Between an adapter's name and the steps that it was trained for. */
  static final String CHECKPOINT = ":ckpt-step-";

  private static final Pattern OF_CHECKPOINT = Pattern.compile("(.+)" + CHECKPOINT + "(\\d{1,18})");
  private static final Pattern PROPERTY = Pattern.compile("`([A-Za-z-]+)`");
  private static final int SHORT_ID = 8;

  private final JobStore store;
  private final FileStore files;
  private final JobPlace place;
  private final Shelf shelf;
  private final Map<String, List<String>> usual;
  private final Map<String, List<String>> always;
  private final RunListener listener;
  private final JobRunner runner;

  /**
   * Serves what earlier jobs have made, and goes on with those that have not ended.
   *
   * @param root where jobs keep what they make
   * @param command what starts the program, before {@code train}
   * @param usual options where a job does not say
   * @param always options that no job decides
   */
  public Jobs(
      JobStore store,
      FileStore files,
      Path root,
      Shelf shelf,
      List<String> command,
      Map<String, List<String>> usual,
      Map<String, List<String>> always,
      RunListener listener) {
    this.store = store;
    this.files = files;
    this.place = new JobPlace(root);
    this.shelf = shelf;
    this.usual = Map.copyOf(usual);
    this.always = Map.copyOf(always);
    this.listener = listener;
    store.of(JobStatus.SUCCEEDED).forEach(this::serve);
    runner = new JobRunner(store, place, command, this::finish, listener);
  }

  private void serve(StoredJob job) {
    if (job.model() != null) {
      try {
        shelf.add(job.model(), place.output(job.id()));
      } catch (Fault e) {
        listener.message("what job " + job.id() + " has made is not served: " + e.getMessage());
      }
    }
  }

  /**
   * Takes a job.
   *
   * @throws ApiException if it cannot be done as it is asked for
   */
  public ObjectNode create(JobBody body) {
    String id = JobStore.newId();
    Map<String, List<String>> options = new LinkedHashMap<>(usual);
    options.putAll(body.options());
    options.put("method", List.of(body.method()));
    options.put("seed", List.of("" + (body.seed() == null ? 0 : body.seed())));
    options.put("data", List.of(fileFor(body.trainingFile(), "training_file")));
    if (body.validationFile() != null) {
      options.put("eval-data", List.of(fileFor(body.validationFile(), "validation_file")));
    }
    options.computeIfPresent(
        "calibration-data", (n, file) -> List.of(fileFor(file.get(0), "calibration_data")));
    if (!body.model().equals(shelf.base())) {
      Path start =
          shelf
              .directoryOf(body.model())
              .orElseThrow(
                  () ->
                      ApiException.notFound(
                          "model",
                          "model_not_found",
                          "the model '" + body.model() + "' does not exist"));
      options.put("init-adapter", List.of(start.toString()));
    }
    options.put("output", List.of(place.output(id).toString()));
    requireGood(options);
    options.putAll(always);
    String own = id.substring(id.length() - SHORT_ID);
    String model = "ft:" + shelf.base() + ":" + body.suffix() + ":" + own;
    StoredJob job = store.add(id, JobAnswers.request(body, options), options, model);
    store.event(id, "info", "Created fine-tuning job: " + id);
    runner.look();
    return JobAnswers.job(job);
  }

  /** What is wrong is told by the names that clients have for options. */
  private static void requireGood(Map<String, List<String>> options) {
    try {
      NamedOptions.tuning(options).build();
    } catch (UsageFault e) {
      Matcher names = PROPERTY.matcher(e.getMessage());
      throw ApiException.invalid("method", names.replaceAll(m -> "'" + field(m.group(1)) + "'"));
    }
  }

  private static String field(String property) {
    String parted = property.replaceAll("([A-Z])", "_$1").replace('-', '_');
    return parted.toLowerCase(Locale.ROOT);
  }

  private String fileFor(String id, String field) {
    StoredFile file =
        files
            .find(id)
            .orElseThrow(
                () ->
                    ApiException.invalid(field, "'" + field + "': there is no file '" + id + "'"));
    if (!file.purpose().equals(PURPOSE)) {
      throw ApiException.invalid(
          field, "'" + field + "' must be a file whose purpose is " + PURPOSE);
    }
    return files.path(file).toAbsolutePath().toString();
  }

  /** A page of jobs. */
  public ObjectNode list(Listing listing) {
    Map<String, String> metadata = listing.within("metadata");
    List<ObjectNode> all = store.all().stream().map(JobAnswers::job).toList();
    return listing.page(
        all,
        job ->
            metadata.entrySet().stream()
                .allMatch(
                    e -> job.path("metadata").path(e.getKey()).asText().equals(e.getValue())));
  }

  /** A job. */
  public ObjectNode get(String id) {
    return JobAnswers.job(find(id));
  }

  private StoredJob find(String id) {
    return store
        .find(id)
        .orElseThrow(
            () ->
                ApiException.notFound(
                    "fine_tuning_job_id", "not_found", "there is no job '" + id + "'"));
  }

  /** Ends a job; what runs stops after its step. */
  public ObjectNode cancel(String id) {
    return change(
        id,
        JobStatus.CANCELLED,
        "cancelled",
        JobStatus.QUEUED,
        JobStatus.RUNNING,
        JobStatus.PAUSED);
  }

  /** Stops a job after its step, with a checkpoint. */
  public ObjectNode pause(String id) {
    return change(id, JobStatus.PAUSED, "paused", JobStatus.QUEUED, JobStatus.RUNNING);
  }

  /** Lets a job go on, from its last checkpoint, to the same bits. */
  public ObjectNode resume(String id) {
    return change(id, JobStatus.QUEUED, "resumed", JobStatus.PAUSED, JobStatus.FAILED);
  }

  private ObjectNode change(String id, JobStatus to, String word, JobStatus... from) {
    JobStatus is = find(id).status();
    if (!store.change(id, to, from)) {
      throw ApiException.invalid(
          "fine_tuning_job_id", "a job that is " + is.text() + " cannot be " + word);
    }
    store.event(id, "info", "The job was " + word);
    runner.look();
    return get(id);
  }

  /** A page of what happened to a job, the newest first. */
  public ObjectNode events(String id, Listing listing) {
    StoredJob job = find(id);
    String after = listing.text("after");
    long before = 0;
    if (after != null) {
      if (!after.matches("ftevent-\\d{1,18}")) {
        throw ApiException.invalid("after", "'after' is no event");
      }
      before = Long.parseLong(after.replaceFirst("^ftevent-", ""));
    }
    int limit = listing.limit();
    List<JobEvent> found = store.events(id, before, limit + 1);
    List<ObjectNode> some =
        found.stream().limit(limit).map(event -> JobAnswers.event(job, event)).toList();
    return Listing.of(some, found.size() > limit);
  }

  /** A page of a job's checkpoints, the newest first. */
  public ObjectNode checkpoints(String id, Listing listing) {
    StoredJob job = find(id);
    List<ObjectNode> all = new ArrayList<>();
    for (long steps : job.model() == null ? List.<Long>of() : place.checkpoints(id)) {
      ObjectNode metrics = Json.object().put("step", steps);
      store.metricsOf(id, "train-" + steps).ifPresent(metrics::setAll);
      store.metricsOf(id, "valid-" + steps).ifPresent(metrics::setAll);
      long at = place.checkpoint(id, steps).toFile().lastModified() / 1000;
      all.add(JobAnswers.checkpoint(job, steps, at, metrics));
    }
    return listing.page(all, checkpoint -> true);
  }

  /** The page of a job's run, as it has left it or as of now; nothing before it has begun. */
  public Optional<String> report(String id) {
    StoredJob job = find(id);
    Path output = place.output(id);
    Path left = output.resolve("report.html");
    if (job.status() == JobStatus.SUCCEEDED && Files.exists(left)) {
      try {
        return Optional.of(Files.readString(left));
      } catch (IOException e) {
        throw new RunFault("the report cannot be read: " + Json.reason(e), e);
      }
    }
    if (!place.isBegun(id)) {
      return Optional.empty();
    }
    String title = job.options().get("method").get(0) + " on " + shelf.base();
    return Optional.of(LiveReport.render(title, output));
  }

  /** Where an adapter is that is served once somebody asks for it: that of a checkpoint. */
  public Optional<Path> unloaded(String model) {
    Matcher name = OF_CHECKPOINT.matcher(model);
    if (!name.matches()) {
      return Optional.empty();
    }
    return store
        .ofModel(name.group(1))
        .map(job -> place.checkpoint(job.id(), Long.parseLong(name.group(2))))
        .filter(Files::isDirectory);
  }

  /**
   * Deletes what a job has made.
   *
   * @return whether there was such a job
   */
  public boolean delete(String model) {
    Optional<StoredJob> job = store.ofModel(model).filter(j -> j.status() == JobStatus.SUCCEEDED);
    job.ifPresent(
        j -> {
          store.forgetModel(j.id());
          shelf.drop(model);
          place.checkpoints(j.id()).forEach(steps -> shelf.drop(model + CHECKPOINT + steps));
          place.delete(j.id());
        });
    return job.isPresent();
  }

  /** Its adapter is served before the job is said to have succeeded. */
  private void finish(StoredJob job) {
    try {
      shelf.add(job.model(), place.output(job.id()));
      keepMetrics(job);
    } catch (Fault | IOException | FileStore.TooLarge e) {
      store.fail(job.id(), e.getMessage());
      store.event(job.id(), "error", "The job failed: " + e.getMessage());
      return;
    }
    if (store.change(
        job.id(), JobStatus.SUCCEEDED, JobStatus.RUNNING, JobStatus.PAUSED, JobStatus.QUEUED)) {
      store.event(job.id(), "info", "New fine-tuned model created: " + job.model());
      store.event(job.id(), "info", "The job has successfully completed");
    } else {
      shelf.drop(job.model()); // somebody has cancelled it in this moment
    }
  }

  private void keepMetrics(StoredJob job) throws IOException, FileStore.TooLarge {
    try (InputStream metrics = Files.newInputStream(place.metrics(job.id()))) {
      StoredFile file =
          files.add(job.id() + "-metrics.jsonl", "fine-tune-results", metrics, Long.MAX_VALUE);
      store.resultFile(job.id(), file.id());
    }
  }

  /** Stops what runs; it goes on when a server is started again. */
  @Override
  public void close() {
    runner.close();
  }
}
