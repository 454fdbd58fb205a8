/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * The losses that a run began and ended with; NaN where there is none.
 *
 * @param steps that were taken
 * @param first of the first step
 * @param last of the last step
 * @param firstHeldOut of the first evaluation
 * @param lastHeldOut of the state that is left
 */
public record Losses(
    long steps, double first, double last, double firstHeldOut, double lastHeldOut) {
  /**
   * Those of a {@code metrics.jsonl}; nothing where there is none, or no step in it. Lines that are
   * no JSON, as a process that is killed leaves them, are passed over.
   *
   * @throws InputFault if it cannot be read
   */
  static Optional<Losses> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    Losses all = new Losses(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        all = all.and(line);
      }
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
    return all.steps == 0 ? Optional.empty() : Optional.of(all);
  }

  private Losses and(String line) {
    ObjectNode node;
    try {
      node = Json.parseObject(line, "metrics.jsonl");
    } catch (InputFault e) {
      return this;
    }
    double loss = node.path("loss").asDouble(Double.NaN);
    double heldOut = node.path("eval_loss").asDouble(Double.NaN);
    long taken = Double.isNaN(loss) ? steps : node.path("step").asLong() + 1;
    return new Losses(
        taken,
        Double.isNaN(first) ? loss : first,
        Double.isNaN(loss) ? last : loss,
        Double.isNaN(firstHeldOut) ? heldOut : firstHeldOut,
        Double.isNaN(heldOut) ? lastHeldOut : heldOut);
  }

  /** Adds them to figures. */
  public Group.Builder addTo(Group.Builder figures) {
    figures.add("steps", steps);
    figures.add("loss of the first step", first);
    if (steps > 1) {
      figures.add("loss of the last step", last);
    }
    if (firstHeldOut != lastHeldOut) {
      figures.add("loss on held-out rows, first evaluation", firstHeldOut);
    }
    return figures.add("loss on held-out rows, at the end", lastHeldOut);
  }
}
