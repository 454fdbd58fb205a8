/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.Encoded;
import org.tlora.engine.Scope;
import org.tlora.fault.RunFault;
import org.tlora.objective.Forward;

/** Finds out which rows a step failed on, and when enough steps have. */
final class SkippedSteps {
  private static final int NAMED = 8;

  private final TrainingParts parts;
  private final int most;

  /** Nothing was skipped so far. */
  SkippedSteps(TrainingParts parts, TrainingOptions options) {
    this.parts = parts;
    this.most = options.maxBadSteps();
  }

  boolean isTooMany(TrainingPosition position) {
    return position.skipped() > most;
  }

  /**
   * Names the rows whose own loss or gradient is not finite, or all of them where none stands out.
   */
  String rows(List<? extends Encoded> batch, List<Integer> indices, IntFunction<String> where) {
    List<String> own = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      boolean mine = i % parts.collective().size() == parts.collective().rank();
      if (mine && !isFinite(batch.get(i))) {
        own.add(where.apply(indices.get(i)));
      }
    }
    List<String> guilty = new ArrayList<>();
    for (byte[] names : parts.collective().gather(String.join("\n", own).getBytes(UTF_8))) {
      new String(names, UTF_8).lines().filter(n -> !n.isEmpty()).forEach(guilty::add);
    }
    if (guilty.isEmpty()) {
      indices.forEach(i -> guilty.add(where.apply(i)));
    }
    String named = guilty.stream().distinct().limit(NAMED).collect(Collectors.joining("; "));
    long more = guilty.stream().distinct().count() - NAMED;
    return more > 0 ? named + " and " + more + " more" : named;
  }

  private boolean isFinite(Encoded row) {
    List<Encoded> one = List.of(row);
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Forward forward =
          new Forward(parts.model(), tape, parts.adapters(), null, new long[] {0}, false);
      Variable loss = parts.objective().loss(forward, one, parts.objective().weight(row));
      if (!Double.isFinite(loss.value().item())) {
        return false;
      }
      tape.backward(loss, null);
      return Double.isFinite(Gradients.norm(parts.parameters()).item());
    } finally {
      parts.parameters().forEach(Parameter::clearGradient);
    }
  }

  /** Why training stops. */
  RunFault tooMany(TrainingPosition position, String reason, String rows) {
    return new RunFault(
        "step "
            + (position.steps() - 1)
            + ": the "
            + reason
            + " is not finite ("
            + rows
            + "), as in "
            + (position.skipped() == 1 ? "no step" : position.skipped() - 1 + " steps")
            + " before; more than `maxBadSteps` "
            + most
            + " allows: look at the rows or lower `learningRate`");
  }
}
