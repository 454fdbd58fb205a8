/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.tlora.checkpoint.CheckpointStore;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.run.Durations;

/** A checkpoint of a run: of which step it is, and whether every file is what was written. */
final class CheckpointLook {
  private CheckpointLook() {}

  static void into(Facts facts, Path path) {
    ObjectNode json = facts.json();
    json.put("kind", "checkpoint");
    facts.line("checkpoint", path.toString());
    String damage = null;
    try {
      CheckpointStore.check(path);
    } catch (InputFault e) {
      damage = e.getMessage();
    }
    json.put("whole", damage == null);
    facts.line("whole", damage == null ? "yes: every file is what was written" : "no");
    try {
      state(facts, Json.readObject(path.resolve("state.json")));
      files(facts, Json.readObject(path.resolve(CheckpointStore.MANIFEST)).path("files"));
    } catch (InputFault e) {
      damage = damage == null ? e.getMessage() : damage;
    }
    if (damage != null) {
      facts.problem(damage);
    }
  }

  private static void state(Facts facts, ObjectNode state) {
    state.remove("layers");
    facts.json().setAll(state);
    facts.line("step", state.path("steps").asText());
    long skipped = state.path("skipped").asLong();
    facts.inner("skipped", skipped == 0 ? null : Words.count(skipped, "step"));
    facts.line("tokens", Words.count(state.path("tokens").asLong()));
    facts.line("time", Durations.text(state.path("seconds").asDouble()));
    JsonNode loss = state.path("held_out_loss");
    facts.line("held-out loss", loss.isNumber() ? Words.number(loss.asDouble()) : null);
    facts.line("settings", Words.count(state.path("settings").size()) + " that decide the run");
    state
        .path("settings")
        .properties()
        .forEach(e -> facts.inner(e.getKey(), e.getValue().asText()));
  }

  private static void files(Facts facts, JsonNode files) {
    long bytes = 0;
    ObjectNode sizes = facts.json().putObject("files");
    for (var e : files.properties()) {
      sizes.put(e.getKey(), e.getValue().path("bytes").asLong());
      bytes += e.getValue().path("bytes").asLong();
    }
    facts.json().put("bytes", bytes);
    facts.line("files", Words.count(files.size()) + " with " + Words.bytes(bytes));
  }
}
