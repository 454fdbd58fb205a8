/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.tlora.fault.InputFault;
import org.tlora.fault.Problems;
import org.tlora.fault.UsageFault;
import org.tlora.hub.HubId;
import org.tlora.hub.HubListener;
import org.tlora.hub.HubSettings;
import org.tlora.hub.HubUpload;
import org.tlora.hub.PushOptions;
import org.tlora.hub.Pushed;
import org.tlora.run.RunListener;
import org.tlora.share.SharePlan;

/**
 * Brings a directory with an adapter or a model to the Hugging Face hub, with its card. The token
 * and the hub's address are those of Hugging Face's own tools: {@code HF_TOKEN} or the file that
 * logging in writes, {@code HF_ENDPOINT}.
 *
 * <p>What is there already is not sent again, so that a push which was cut is gone on with by
 * pushing again. The directory is only read. Not safe for threads.
 */
public final class ModelPush {
  private final Path directory;
  private final String repository;
  private String base; // or null
  private String branch = "main";
  private String message = "Push with TLoRA for the JVM";
  private boolean hidden;
  private boolean pullRequest;
  private boolean checkpoints;
  private List<String> include = List.of();
  private RunListener listener = new RunListener() {};
  private HubSettings settings; // null: the environment's

  /**
   * A file that goes to the hub.
   *
   * @param path in the repository
   * @param bytes of it
   * @param sha256 of its bytes, in hexadecimal
   */
  public record File(String path, long bytes, String sha256) {}

  /**
   * What was done.
   *
   * @param address of the commit, of the pull request where one was made, or of the repository
   *     where everything was there already
   * @param changed files that were sent
   * @param unchanged files that were there already
   */
  public record Result(String address, List<String> changed, List<String> unchanged) {}

  private ModelPush(Path directory, String repository) {
    this.directory = directory;
    this.repository = repository;
  }

  /**
   * A push.
   *
   * @param directory with an adapter in PEFT's format, a Hugging Face model, or GGUF files
   * @param repository {@code OWNER/NAME}; it is made if it is not there
   */
  public static ModelPush of(Path directory, String repository) {
    return new ModelPush(directory, repository);
  }

  /** What the base is called on the hub, for adapters on one that was a path when it was used. */
  public ModelPush base(String value) {
    base = value;
    return this;
  }

  /** Whether nobody else may see the repository; one that is there must be private then. */
  public ModelPush hidden(boolean value) {
    hidden = value;
    return this;
  }

  /** The branch that gets the commit; it is made if it is not there. Otherwise main. */
  public ModelPush branch(String value) {
    branch = value;
    return this;
  }

  /** The commit's message. */
  public ModelPush message(String value) {
    message = value;
    return this;
  }

  /** Whether the commit is a pull request, for repositories of others. */
  public ModelPush pullRequest(boolean value) {
    pullRequest = value;
    return this;
  }

  /**
   * Files of the directory that go along beside adapter or model, tokenizer and card, such as
   * {@code run.yaml}.
   */
  public ModelPush include(String... names) {
    include = List.of(names);
    return this;
  }

  /** Whether the checkpoints of the run go along. */
  public ModelPush includeCheckpoints(boolean value) {
    checkpoints = value;
    return this;
  }

  /** Who is told how it goes, and what of the files is replaced or left out. */
  public ModelPush listener(RunListener value) {
    listener = value;
    return this;
  }

  /** Another hub than the environment's. */
  ModelPush settings(HubSettings value) {
    settings = value;
    return this;
  }

  /**
   * What would go to the hub, without asking it anything.
   *
   * @throws UsageFault if an option is wrong, or a file holds what is of this machine alone
   * @throws InputFault if the directory holds no adapter or model, or one that is not whole
   */
  public List<File> plan() {
    options(); // which must be right for it too
    return plan(hub(), target()).files().stream()
        .map(f -> new File(f.path(), f.size(), f.sha256()))
        .toList();
  }

  /**
   * Does it.
   *
   * @throws UsageFault as {@link #plan}, and if there is no token
   * @throws InputFault as {@link #plan}, and if the hub does not allow it
   * @throws org.tlora.fault.RunFault if it fails; what has arrived stays there
   */
  public Result run() {
    HubId to = target();
    PushOptions options = options();
    HubSettings hub = hub();
    HubUpload upload = new HubUpload(hub, new Uploads(listener), listener::message);
    SharePlan plan = plan(hub, to);
    if (base == null && plan.base() != null) {
      requireOnHub(upload, plan.base());
    }
    Pushed pushed = upload.push(to.owner(), to.name(), plan.files(), options);
    return new Result(pushed.address(), pushed.changed(), pushed.unchanged());
  }

  private HubSettings hub() {
    return settings == null
        ? HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home")))
        : settings;
  }

  private HubId target() {
    return HubId.model(repository)
        .filter(id -> !repository.contains("@"))
        .orElseThrow(
            () -> new UsageFault("`repository` must be OWNER/NAME on the hub, not " + repository));
  }

  private PushOptions options() {
    Problems problems = new Problems();
    PushOptions options =
        problems.gather(() -> new PushOptions(hidden, branch, message, pullRequest));
    problems.end();
    return options;
  }

  private SharePlan plan(HubSettings hub, HubId to) {
    SharePlan plan =
        SharePlan.of(
            directory, new SharePlan.Wishes(to.path(), base, include, checkpoints, hub.token()));
    plan.notes().forEach(listener::message);
    return plan;
  }

  /** A base that nobody has named may be a path that looks like an id. */
  private void requireOnHub(HubUpload upload, String id) {
    boolean absent = HubId.model(id).flatMap(upload::has).map(there -> !there).orElse(false);
    if (absent) {
      throw new InputFault(
          directory
              + ": its base "
              + id
              + " is not on the hub, or the token may not see it: name it with `base` OWNER/NAME");
    }
  }

  /** Tells a listener how uploads go. */
  private record Uploads(RunListener listener) implements HubListener {
    @Override
    public LongConsumer onFile(String what, long bytes) {
      AtomicLong done = new AtomicLong();
      listener.message("uploading " + what);
      listener.upload(what, 0, bytes);
      return n -> listener.upload(what, done.addAndGet(n), bytes);
    }

    @Override
    public void onFileDone(String what) {}
  }
}
