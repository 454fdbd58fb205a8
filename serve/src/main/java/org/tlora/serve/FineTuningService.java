/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tlora.LanguageModel;
import org.tlora.checkpoint.OutputLock;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.run.RunListener;
import org.tlora.serve.http.Routes;
import org.tlora.serve.job.Jobs;
import org.tlora.serve.store.Database;
import org.tlora.serve.store.FileStore;
import org.tlora.serve.store.JobStore;

/** What belongs to fine-tuning through a server: its directory, the database in it, the jobs. */
final class FineTuningService implements AutoCloseable {
  private final LanguageModel model;
  private final FineTuningOptions options;
  private final OutputLock lock;
  private final Database database;
  private final FileStore files;
  private final Jobs jobs;

  /**
   * Opens the directory, which no other server may use meanwhile, and goes on with its jobs.
   *
   * @throws UsageFault if the model writes no text
   */
  FineTuningService(
      LanguageModel model, ServedModels models, FineTuningOptions options, RunListener listener) {
    if (model.isEncoder()) {
      throw new UsageFault(
          "`fineTuning` is for models that write text: the adapters of others change their labels,"
              + " which are served as they are");
    }
    this.model = model;
    this.options = options;
    Path root = options.directory().toAbsolutePath().normalize();
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new RunFault(root + " cannot be made: " + Json.reason(e), e);
    }
    lock = OutputLock.of(root);
    try {
      database = new Database(root.resolve("jobs.db"));
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
    try {
      JobStore store = new JobStore(database);
      files = new FileStore(database, root.resolve("files"));
      jobs =
          new Jobs(
              store,
              files,
              root.resolve("jobs"),
              models,
              options.command(),
              options.usualFor(model),
              options.alwaysAsLists(),
              listener);
      models.lookFurtherIn(jobs::unloaded);
    } catch (RuntimeException e) {
      database.close();
      lock.close();
      throw e;
    }
  }

  void addTo(Routes routes, Requests requests) {
    new FineTuningEndpoints(model, files, jobs, requests, options.mostFileBytes()).addTo(routes);
  }

  /** Stops what trains, with a checkpoint. */
  @Override
  public void close() {
    jobs.close();
    database.close();
    lock.close();
  }
}
