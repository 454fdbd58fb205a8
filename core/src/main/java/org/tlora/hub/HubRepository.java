/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.hub.UploadClient.Answer;
import org.tlora.hub.UploadClient.Call;

/** What is asked of the hub about a model's repository that is written to. */
final class HubRepository {
  private static final int FILES_AT_ONCE = 256;

  private final UploadClient client;
  private final HubId id;
  private final String branch;
  private final boolean pullRequest;

  /**
   * A repository.
   *
   * @param id whose revision is a branch
   */
  HubRepository(UploadClient client, HubId id, boolean pullRequest) {
    this.client = client;
    this.id = id;
    this.branch = id.revision();
    this.pullRequest = pullRequest;
  }

  /**
   * What the hub does with a file.
   *
   * @param large whether it goes to the storage of large files
   * @param ignored whether the repository's own rules leave it out
   * @param there whether the branch has it, of the same bytes
   */
  record Handling(boolean large, boolean ignored, boolean there) {}

  private URI api(String what) {
    return client.hub().at("/api/models/" + id.path() + what);
  }

  private URI ofBranch(String what) {
    String there = "/" + what + "/" + URLEncoder.encode(branch, StandardCharsets.UTF_8);
    return api(there + (pullRequest && !what.equals("revision") ? "?create_pr=1" : ""));
  }

  /**
   * Makes the repository if it is not there.
   *
   * @param privately whether nobody else may see it then
   */
  void create(boolean privately) {
    ObjectNode request = Json.object().put("name", id.name()).put("organization", id.owner());
    request.put("type", "model");
    if (privately) {
      request.put("private", true);
    }
    Call call = Call.post(client.hub().at("/api/repos/create"), request, id.path());
    Answer answer =
        client
            .hub()
            .withTries(
                UploadClient.failed(id.path()),
                () -> {
                  Answer a = client.send(call);
                  // two repositories of one owner cannot be made at once
                  boolean collides =
                      a.status() == 409 && a.text().contains("conflicting operation");
                  if (HubConnection.isBusy(a.status()) || collides) {
                    throw client.busy(a);
                  }
                  return a;
                });
    boolean may =
        answer.isOk()
            || answer.status() == 409 // it is there
            || (List.of(401, 402, 403).contains(answer.status()) && isThere());
    if (!may) {
      throw client.refused(answer, id.path(), id.path());
    }
  }

  /** A token that may not make repositories may still write to one. */
  private boolean isThere() {
    return client.call(Call.get(api(""), id.path())).isOk();
  }

  /** What the hub knows of the branch; nothing where there is none. */
  Optional<ObjectNode> info() {
    Answer answer = client.call(Call.get(ofBranch("revision"), id.path()));
    if (answer.status() == 404) {
      return Optional.empty();
    }
    if (!answer.isOk()) {
      throw client.refused(answer, id.path(), id.path());
    }
    return Optional.of(client.json(answer, id.path()));
  }

  /** Makes the branch, where the main one is now. */
  void createBranch() {
    Answer answer = client.call(Call.post(ofBranch("branch"), Json.object(), id.path()));
    if (!answer.isOk() && answer.status() != 409) { // somebody was faster
      throw client.refused(answer, id.path(), id.path() + ", branch " + branch);
    }
  }

  /**
   * Lets the hub look at a card, which it would refuse with all else later.
   *
   * @param notes is told what it has to say of one that it takes
   * @throws InputFault with what is wrong with it
   */
  void checkCard(String text, Consumer<String> notes) {
    ObjectNode request = Json.object().put("content", text).put("repoType", "model");
    URI uri = client.hub().at("/api/validate-yaml");
    Answer answer = client.call(Call.post(uri, request, "README.md"));
    if (!answer.isOk() && answer.status() != 400) {
      return; // a hub that does not look at cards
    }
    ObjectNode said = client.json(answer, "README.md");
    said.path("warnings")
        .forEach(w -> notes.accept("README.md: " + client.cleaned(w.path("message").asText())));
    if (answer.status() == 400) {
      List<String> errors = new ArrayList<>();
      said.path("errors").forEach(e -> errors.add(e.path("message").asText()));
      String why = errors.isEmpty() ? client.reason(answer) : String.join("; ", errors);
      throw new InputFault(
          "README.md: the hub does not take the metadata at its top: " + client.cleaned(why));
    }
  }

  /** What the hub does with each file. */
  Map<UploadFile, Handling> handling(List<UploadFile> files) {
    Map<UploadFile, Handling> all = new LinkedHashMap<>();
    for (int i = 0; i < files.size(); i += FILES_AT_ONCE) {
      List<UploadFile> some = files.subList(i, Math.min(files.size(), i + FILES_AT_ONCE));
      ObjectNode request = Json.object();
      ArrayNode array = request.putArray("files");
      some.forEach(
          f ->
              array
                  .addObject()
                  .put("path", f.path())
                  .put("sample", Base64.getEncoder().encodeToString(f.sample()))
                  .put("size", f.size()));
      Answer answer = client.call(Call.post(ofBranch("preupload"), request, id.path()));
      if (!answer.isOk()) {
        throw client.refused(answer, id.path(), id.path());
      }
      Map<String, JsonNode> said = new HashMap<>();
      client
          .json(answer, id.path())
          .path("files")
          .forEach(f -> said.put(f.path("path").asText(), f));
      some.forEach(f -> all.put(f, handling(f, said.get(f.path()))));
    }
    return all;
  }

  private static Handling handling(UploadFile file, JsonNode said) {
    String mode = said == null ? "" : said.path("uploadMode").asText();
    if (!mode.equals("lfs") && !mode.equals("regular")) {
      throw new RunFault(file.path() + ": the hub does not say how it is to be sent");
    }
    boolean large = mode.equals("lfs") && file.size() > 0; // no storage takes nothing
    boolean ignored = said.path("shouldIgnore").asBoolean();
    String oid = said.path("oid").asText("");
    boolean there = !oid.isEmpty() && oid.equals(large ? file.sha256() : file.gitSha1());
    return new Handling(large, ignored, there);
  }

  /** The request that makes a commit. */
  Call commit(byte[] lines) {
    return Call.post(ofBranch("commit"), "application/x-ndjson", lines, id.path());
  }
}
