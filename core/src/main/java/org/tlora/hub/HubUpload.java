/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.hub.HubRepository.Handling;
import org.tlora.hub.UploadClient.Answer;

/**
 * Brings files to a model's repository on the Hugging Face hub, in one commit. Large files go to
 * its storage first, and those that are there are not sent again: who pushes again after a failure
 * goes on with what is missing.
 */
public final class HubUpload {
  private static final String CARD = "README.md";

  /** What a commit itself may hold; the hub lets whatever is larger go to its storage. */
  private static final long MOST_IN_COMMIT = 64L << 20;

  private final HubSettings settings;
  private final HubListener listener;
  private final Consumer<String> notes;
  private final UploadClient client;

  /**
   * A hub.
   *
   * @param notes is told what a user should know, a line each
   * @throws UsageFault if there is no token, or the hub is switched off
   */
  public HubUpload(HubSettings settings, HubListener listener, Consumer<String> notes) {
    if (settings.offline()) {
      throw new UsageFault("the hub is switched off (HF_HUB_OFFLINE): nothing can be pushed");
    }
    if (settings.token() == null) {
      throw new UsageFault(
          "nothing can be pushed without a token: give one that may write, in HF_TOKEN or by"
              + " logging in with Hugging Face's own tool");
    }
    this.settings = settings;
    this.listener = listener;
    this.notes = notes;
    client = new UploadClient(new HubConnection(settings));
  }

  /**
   * Whether the hub has a model of that id, as far as the token may see it.
   *
   * @return nothing where it does not say
   */
  public Optional<Boolean> has(HubId model) {
    HubRepository repository = new HubRepository(client, model, false);
    try {
      return Optional.of(repository.info().isPresent());
    } catch (InputFault e) {
      return Optional.empty(); // one that others may see
    }
  }

  /**
   * Brings them there.
   *
   * @param owner and {@code name} of the repository, which is made if it is not there
   * @throws InputFault if the hub does not allow it, or refuses a file
   * @throws RunFault if it fails; what has arrived stays, and pushing again goes on
   */
  public Pushed push(String owner, String name, List<UploadFile> files, PushOptions options) {
    HubId id = new HubId("models", owner, name, options.branch());
    HubRepository repository = new HubRepository(client, id, options.pullRequest());
    for (UploadFile f : files) {
      if (f.path().equals(CARD)) {
        repository.checkCard(new String(f.bytes(), StandardCharsets.UTF_8), notes);
      }
    }
    repository.create(options.privately());
    prepare(repository, id, files, options);
    List<UploadFile> wanted = new ArrayList<>();
    List<String> unchanged = new ArrayList<>();
    Map<UploadFile, Handling> handling = repository.handling(files);
    handling.forEach(
        (file, h) -> {
          if (h.ignored()) {
            notes.accept(file.path() + " is left out: the repository's .gitignore says so");
          } else if (h.there()) {
            unchanged.add(file.path());
          } else {
            wanted.add(file);
          }
        });
    List<String> changed = wanted.stream().map(UploadFile::path).toList();
    if (wanted.isEmpty()) {
      notes.accept("everything is there already");
      return new Pushed(settings.endpoint() + "/" + id.path(), null, List.of(), unchanged);
    }
    List<UploadFile> large = wanted.stream().filter(f -> handling.get(f).large()).toList();
    new LfsUpload(client, id.path(), listener)
        .upload(large, options.pullRequest() ? null : options.branch());
    ObjectNode made =
        commit(repository, id, wanted, lines(wanted, handling, options.message()), options);
    String commit = made.path("commitOid").asText("");
    String usual = settings.endpoint() + "/" + id.path() + "/commit/" + commit;
    String address =
        options.pullRequest()
            ? made.path("pullRequestUrl").asText(usual)
            : made.path("commitUrl").asText(usual);
    return new Pushed(client.cleaned(address), client.cleaned(commit), changed, unchanged);
  }

  /** Makes sure of the branch, and that nobody sees what is to be private. */
  private void prepare(
      HubRepository repository, HubId id, List<UploadFile> files, PushOptions options) {
    Optional<ObjectNode> found = repository.info();
    if (found.isEmpty() && options.pullRequest()) {
      throw new InputFault(
          id.path() + " has no branch " + options.branch() + " that a pull request could be for");
    }
    if (found.isEmpty()) {
      repository.createBranch();
      found = repository.info();
    }
    ObjectNode info =
        found.orElseThrow(
            () -> new RunFault(id.path() + ": the hub has not made the branch " + id.revision()));
    if (options.privately() && !info.path("private").asBoolean()) {
      throw new UsageFault(
          id.path()
              + " is there and everybody can see it: make it private on the hub, or leave out"
              + " `private`");
    }
    Set<String> ours = files.stream().map(UploadFile::path).collect(Collectors.toSet());
    for (JsonNode sibling : info.path("siblings")) {
      String there = sibling.path("rfilename").asText();
      if (there.endsWith(".safetensors") && !there.contains("/") && !ours.contains(there)) {
        notes.accept(
            client.cleaned(there)
                + " stays on the hub beside these files: delete it there if it is of an earlier"
                + " push");
      }
    }
  }

  /** A commit, a line a file. */
  private static byte[] lines(
      List<UploadFile> files, Map<UploadFile, Handling> handling, String message) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ObjectNode head = Json.object().put("summary", message).put("description", "");
    line(all, "header", head);
    for (UploadFile file : files) {
      if (handling.get(file).large()) {
        ObjectNode value = Json.object().put("path", file.path()).put("algo", "sha256");
        line(all, "lfsFile", value.put("oid", file.sha256()).put("size", file.size()));
        continue;
      }
      if (file.size() + all.size() > MOST_IN_COMMIT) {
        throw new RunFault(
            file.path() + ": the hub wants its " + file.size() + " bytes within the commit");
      }
      String content = Base64.getEncoder().encodeToString(file.bytes());
      ObjectNode value = Json.object().put("path", file.path()).put("encoding", "base64");
      line(all, "file", value.put("content", content));
    }
    return all.toByteArray();
  }

  private static void line(ByteArrayOutputStream all, String key, ObjectNode value) {
    ObjectNode line = Json.object().put("key", key);
    line.set("value", value);
    all.writeBytes((Json.compact(line) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Makes the commit. One whose answer was lost may have been made: it is looked for before it is
   * sent again.
   */
  private ObjectNode commit(
      HubRepository repository,
      HubId id,
      List<UploadFile> files,
      byte[] lines,
      PushOptions options) {
    boolean[] unsure = new boolean[1];
    Answer answer =
        client
            .hub()
            .withTries(
                UploadClient.failed(id.path()),
                () -> {
                  if (unsure[0] && options.pullRequest()) {
                    throw new RunFault(
                        id.path()
                            + ": the hub's answer to the pull request was lost: look there whether"
                            + " it was made before you push again");
                  }
                  if (unsure[0] && isMade(repository, files)) {
                    return null;
                  }
                  unsure[0] = true;
                  Answer a = client.send(repository.commit(lines));
                  boolean refused = Set.of(409, 412, 429, 503).contains(a.status());
                  if (refused || HubConnection.isBusy(a.status())) {
                    unsure[0] = !refused;
                    throw client.busy(a);
                  }
                  return a;
                });
    if (answer == null) {
      ObjectNode info = repository.info().orElseGet(Json::object);
      return Json.object().put("commitOid", info.path("sha").asText(""));
    }
    if (!answer.isOk()) {
      throw client.refused(answer, id.path(), id.path());
    }
    return client.json(answer, id.path());
  }

  private static boolean isMade(HubRepository repository, List<UploadFile> files) {
    return repository.handling(files).values().stream().allMatch(Handling::there);
  }
}
