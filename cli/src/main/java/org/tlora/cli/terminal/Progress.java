package org.tlora.cli.terminal;

import java.util.Locale;
import java.util.function.BooleanSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.tlora.fault.RunFault;
import org.tlora.train.StepMetrics;
import org.tlora.tune.TuningListener;

/** Shows a run on standard error: a bar with time left on a terminal, lines elsewhere. */
public final class Progress implements TuningListener, AutoCloseable {
  private static final long LINE_EVERY_NANOS = 5_000_000_000L;

  /** Set by the launcher, which can tell whether standard error is a terminal. */
  private final boolean terminal = Boolean.getBoolean("tlora.terminal");

  private final BooleanSupplier stopRequested;
  private ProgressBar bar;
  private String barName = "";
  private long lastLine = System.nanoTime();
  private String lineName = "";
  private long lineStart;

  /** Shows what nobody can stop. */
  public Progress() {
    this(() -> false);
  }

  /** Ends a calibration where somebody asks for it: nothing was trained that could be kept. */
  public Progress(BooleanSupplier stopRequested) {
    this.stopRequested = stopRequested;
  }

  @Override
  public void onMessage(String message) {
    finishBar();
    System.err.println(message);
  }

  @Override
  public void onCalibrationSample(int done, int total) {
    show("calibrating", done, total, "");
    if (stopRequested.getAsBoolean()) {
      throw new RunFault("interrupted while calibrating, before there was anything to save");
    }
  }

  @Override
  public void onTaskRow(String task, int done, int total) {
    show(task, done, total, "");
    if (stopRequested.getAsBoolean()) {
      throw new RunFault("interrupted while scoring " + task);
    }
  }

  @Override
  public void onStep(StepMetrics m, long totalSteps) {
    show(
        "training",
        m.step() + 1,
        totalSteps,
        String.format(Locale.ROOT, "loss %.4f, %.0f tokens/s", m.loss(), m.tokensPerSecond()));
  }

  @Override
  public void onSkippedStep(long step, String reason, String rows) {
    onMessage("step " + step + " skipped: the " + reason + " is not finite (" + rows + ")");
  }

  @Override
  public void onEvaluation(long step, double loss) {
    onMessage(String.format(Locale.ROOT, "step %d: held-out loss %.4f", step, loss));
  }

  /** One more of something that is counted. */
  public void show(String name, long done, long total, String detail) {
    if (terminal) {
      if (bar == null || !barName.equals(name)) {
        finishBar();
        bar =
            new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .build();
        barName = name;
      }
      bar.stepTo(done);
      bar.setExtraMessage(detail);
      if (done == total) {
        finishBar();
      }
      return;
    }
    long now = System.nanoTime();
    if (!lineName.equals(name) || done == 1) {
      lineName = name;
      lineStart = now;
    }
    if (done == 1 || done == total || now - lastLine > LINE_EVERY_NANOS) {
      lastLine = now;
      String left =
          done == 1 || done == total
              ? ""
              : String.format(
                  Locale.ROOT,
                  ", %.0f s left",
                  (now - lineStart) / 1e9 / (done - 1) * (total - done));
      System.err.println(
          name + " " + done + "/" + total + (detail.isEmpty() ? "" : ": " + detail) + left);
    }
  }

  private void finishBar() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public void close() {
    finishBar();
  }
}
