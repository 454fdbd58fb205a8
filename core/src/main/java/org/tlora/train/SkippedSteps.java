package org.tlora.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.tlora.autograd.Parameter;
import org.tlora.autograd.Tape;
import org.tlora.autograd.Variable;
import org.tlora.data.encode.Encoded;
import org.tlora.engine.Scope;
import org.tlora.fault.RunFault;
import org.tlora.model.Batch;
import org.tlora.model.Layout;
import org.tlora.model.Model;
import org.tlora.model.Pass;

/** Finds out which rows a step failed on, and when enough steps have. */
final class SkippedSteps {
  private static final int NAMED = 8;

  private final Model model;
  private final List<Parameter> parameters;
  private final int most;

  /**
   * Nothing was skipped so far.
   *
   * @param most so many steps of a run may be skipped
   */
  SkippedSteps(Model model, List<Parameter> parameters, int most) {
    this.model = model;
    this.parameters = parameters;
    this.most = most;
  }

  boolean isTooMany(TrainingPosition position) {
    return position.skipped() > most;
  }

  /**
   * Names the rows whose own loss or gradient is not finite, or all of them where none stands out.
   */
  String rows(List<Encoded> batch, List<Integer> indices, IntFunction<String> where) {
    List<String> guilty = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      if (!isFinite(batch.get(i))) {
        guilty.add(where.apply(indices.get(i)));
      }
    }
    if (guilty.isEmpty()) {
      indices.forEach(i -> guilty.add(where.apply(i)));
    }
    String named = guilty.stream().distinct().limit(NAMED).collect(Collectors.joining("; "));
    long more = guilty.stream().distinct().count() - NAMED;
    return more > 0 ? named + " and " + more + " more" : named;
  }

  private boolean isFinite(Encoded row) {
    Batch packed = Batch.of(List.of(row));
    try (Scope scope = new Scope();
        Tape tape = Tape.recording()) {
      Pass pass = new Pass(tape, Layout.of(packed.lengths()), null, 0L);
      Variable loss = model.loss(pass, model.hidden(pass, packed), packed, row.supervisedTokens());
      if (!Double.isFinite(loss.value().item())) {
        return false;
      }
      tape.backward(loss, null);
      return Double.isFinite(AdamW.gradientNorm(parameters));
    } finally {
      parameters.forEach(Parameter::clearGradient);
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
            + " before; more than --max-bad-steps "
            + most
            + " allows: look at the rows or lower --learning-rate");
  }
}
