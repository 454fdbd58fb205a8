/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.tlora.NamedOptions;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.run.RunListener;
import org.tlora.serve.store.JobStatus;
import org.tlora.serve.store.JobStore;
import org.tlora.serve.store.StoredJob;

/**
 * Trains one job after the other, each in a process of its own. The status in the database says
 * what is to be: where somebody pauses or cancels a job that runs, its process ends.
 */
final class JobRunner implements AutoCloseable {
  private static final long LOOK_MILLIS = 250;

  /** So long another server's process may take for the step that it is in. */
  private static final long END_SECONDS = 120;

  /** So often a job is begun again whose process was stopped by somebody else at the same step. */
  private static final int MOST_ATTEMPTS = 3;

  private final JobStore store;
  private final JobPlace place;
  private final List<String> command;
  private final JobEnd ended;
  private final RunListener listener;
  private final Thread thread;
  private boolean closed; // guarded by this
  private TrainingProcess current; // guarded by this
  private String currentJob; // guarded by this
  private String stoppedJob; // at whose step
  private long stoppedAt;
  private int attempts;

  /** What is done with an adapter that is there. */
  interface JobEnd {
    /** Of a job whose process has ended well. */
    void of(StoredJob job);
  }

  /**
   * Begins with what waits.
   *
   * @param command what {@code train} and its options stand behind
   */
  JobRunner(
      JobStore store, JobPlace place, List<String> command, JobEnd ended, RunListener listener) {
    this.store = store;
    this.place = place;
    this.command = command;
    this.ended = ended;
    this.listener = listener;
    thread = new Thread(this::run, "jobs");
    thread.setDaemon(true);
    thread.start();
  }

  /** Something is to be done. */
  synchronized void look() {
    if (current != null && isStopped(currentJob)) {
      current.stop();
    }
    notifyAll();
  }

  private boolean isStopped(String job) {
    return store.find(job).filter(j -> j.status() == JobStatus.RUNNING).isEmpty();
  }

  private void run() {
    try {
      store.withProcess().forEach(this::endEarlier);
      store.of(JobStatus.RUNNING).forEach(this::takeUp);
      for (StoredJob job = next(); job != null; job = next()) {
        try {
          train(job);
        } catch (RuntimeException e) {
          listener.message("job " + job.id() + " failed: " + e);
          fail(job.id(), "the job cannot be run: " + e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      listener.message("no more jobs are run: " + e);
    }
  }

  /** A server that was killed has left it; its input has ended, and so does it. */
  private void endEarlier(StoredJob job) {
    TrainingProcess.awaitEnd(job.process(), END_SECONDS);
    store.process(job.id(), null);
  }

  private void takeUp(StoredJob job) {
    store.change(job.id(), JobStatus.QUEUED, JobStatus.RUNNING);
    store.event(job.id(), "info", "The server has started again: the job goes on");
  }

  private synchronized StoredJob next() throws InterruptedException {
    while (!closed) {
      List<StoredJob> waiting = store.of(JobStatus.QUEUED);
      if (!waiting.isEmpty()) {
        return waiting.get(0);
      }
      wait();
    }
    return null;
  }

  private void train(StoredJob job) throws InterruptedException {
    AtomicReference<String> said = new AtomicReference<>("");
    MetricsReader metrics = new MetricsReader(place.metrics(job.id()), job.id(), store);
    TrainingProcess process = begin(job, said);
    if (process == null) {
      return;
    }
    try (process) {
      while (!process.await(LOOK_MILLIS)) {
        metrics.more();
      }
      metrics.more();
    } finally {
      synchronized (this) {
        current = null;
      }
    }
    store.process(job.id(), null);
    end(job.id(), process.status(), said.get());
  }

  /** Null where it was cancelled meanwhile. */
  private synchronized TrainingProcess begin(StoredJob job, AtomicReference<String> said) {
    if (closed || !store.change(job.id(), JobStatus.RUNNING, JobStatus.QUEUED)) {
      return null;
    }
    boolean again = place.isBegun(job.id());
    current =
        new TrainingProcess(
            command(job, again),
            place.directory(job.id()),
            event -> event(job.id(), event, said),
            line -> said.compareAndSet("", line));
    currentJob = job.id();
    store.process(job.id(), current.identity());
    store.event(job.id(), "info", again ? "Fine-tuning job goes on" : "Fine-tuning job started");
    return current;
  }

  private List<String> command(StoredJob job, boolean again) {
    Path options = place.options(job.id());
    Map<String, List<String>> all = new LinkedHashMap<>(job.options());
    all.put("output", List.of(place.output(job.id()).toString()));
    try {
      Files.createDirectories(place.directory(job.id()));
    } catch (IOException e) {
      throw new RunFault("the job's directory cannot be made: " + Json.reason(e), e);
    }
    AtomicFiles.writeText(options, NamedOptions.yaml(all));
    List<String> whole = new ArrayList<>(command);
    whole.addAll(List.of("train", "--config", options.toString(), "--log-format", "json"));
    whole.add("--until-input-ends");
    if (again) {
      whole.add("--resume");
    }
    return whole;
  }

  private void event(String job, ObjectNode event, AtomicReference<String> said) {
    switch (event.path("event").asText()) {
      case "message" -> store.event(job, "info", place.unnamed(event.path("text").asText()));
      case "error" -> said.set(place.unnamed(event.path("text").asText()));
      case "skipped" -> store.event(job, "warn", event.path("text").asText());
      case "calibration" ->
          calibrated(job, event.path("done").asInt(), event.path("total").asInt());
      case "step" -> store.totalSteps(job, event.path("total_steps").asLong());
      default -> {} // steps and evaluations are read where the run writes them
    }
  }

  private void calibrated(String job, int done, int total) {
    int every = Math.max(1, total / 4);
    if (done == total || done % every == 0) {
      store.event(job, "info", "Calibrated on " + done + " of " + total + " rows");
    }
  }

  private void end(String id, int status, String said) throws InterruptedException {
    boolean stopped = status == 130 || status == 143;
    if (status == 0) {
      store.find(id).filter(job -> job.status() != JobStatus.CANCELLED).ifPresent(ended::of);
    } else if (!stopped) {
      String reason = said.isEmpty() ? "the training has ended with status " + status : said;
      fail(id, status > 128 ? reason + " (was it killed for its memory?)" : reason);
    } else if (!isClosed() && !isStopped(id)) {
      again(id);
    }
  }

  /** Somebody else has stopped its process: it goes on from there, unless that happens again. */
  private void again(String id) throws InterruptedException {
    long steps = store.find(id).map(StoredJob::steps).orElse(0L);
    attempts = id.equals(stoppedJob) && steps == stoppedAt ? attempts + 1 : 1;
    stoppedJob = id;
    stoppedAt = steps;
    if (attempts > MOST_ATTEMPTS) {
      fail(id, "the training was stopped again and again");
    } else {
      store.change(id, JobStatus.QUEUED, JobStatus.RUNNING);
      TimeUnit.SECONDS.sleep(1); // whoever stopped it may be about to stop this process, too
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void fail(String id, String why) {
    Optional<StoredJob> job = store.find(id).filter(j -> j.status().isOpen());
    if (job.isPresent()) {
      store.fail(id, why);
      store.event(id, "error", "The job failed: " + why);
    }
  }

  /** Ends what runs, with a checkpoint; it goes on when a server is started again. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (current != null) {
        current.stop();
      }
      notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
