package org.tlora.train;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import org.tlora.data.encode.Encoded;
import org.tlora.engine.Scope;
import org.tlora.model.Batch;
import org.tlora.model.Layout;
import org.tlora.model.Model;
import org.tlora.model.Pass;

/** The loss on rows that are not trained on. */
public final class HeldOutLoss {
  private HeldOutLoss() {}

  /** Mean cross entropy over all supervised tokens of {@code rows}. */
  public static double of(Model model, List<Encoded> rows, int rowsAtOnce) {
    return of(model, rows, rowsAtOnce, () -> false).orElseThrow();
  }

  /**
   * The same, which can be stopped.
   *
   * @param stopRequested asked before each {@code rowsAtOnce} rows
   * @return nothing where it was stopped
   */
  static OptionalDouble of(
      Model model, List<Encoded> rows, int rowsAtOnce, BooleanSupplier stopRequested) {
    double sum = 0;
    long supervised = 0;
    for (int i = 0; i < rows.size(); i += rowsAtOnce) {
      if (stopRequested.getAsBoolean()) {
        return OptionalDouble.empty();
      }
      Batch batch = Batch.of(rows.subList(i, Math.min(rows.size(), i + rowsAtOnce)));
      try (Scope scope = new Scope()) {
        Pass pass = Pass.inference(Layout.of(batch.lengths()));
        var hidden = model.hidden(pass, batch);
        sum += model.loss(pass, hidden, batch, 1).value().item();
      }
      supervised += batch.targets().length;
    }
    return OptionalDouble.of(sum / supervised);
  }
}
