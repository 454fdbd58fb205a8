/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.tlora.run.RunListener;
import org.tlora.run.StepReport;
import picocli.CommandLine.Model.CommandSpec;

/** Shows a run on standard error: a bar with time left on a terminal, lines elsewhere. */
public final class Progress implements RunListener, AutoCloseable {
  /** The option that says how it is told. */
  public static final String FORMAT = "--log-format";

  /** Its value for {@link JsonLines}. */
  public static final String JSON = "json";

  private static final long LINE_EVERY_NANOS = 5_000_000_000L;

  /** Set by the launcher, which can tell whether standard error is a terminal. */
  private final boolean terminal = Boolean.getBoolean("tlora.terminal");

  private final UnaryOperator<String> words;
  private ProgressBar bar;
  private String barName = "";
  private long lastLine = System.nanoTime();
  private String lineName = "";
  private long lineStart;

  /** Shows messages as they come. */
  public Progress() {
    words = UnaryOperator.identity();
  }

  /** Shows messages with the names of options in place of properties. */
  public Progress(CommandSpec command) {
    words = OptionNames.of(command)::in;
  }

  @Override
  public synchronized void message(String message) {
    finishBar();
    System.err.println(words.apply(message));
  }

  @Override
  public void download(String file, long bytes, long total) {
    show("MB", bytes >> 20, Math.max(bytes, total) >> 20, "");
    if (bytes == total) {
      close();
    }
  }

  @Override
  public void upload(String file, long bytes, long total) {
    download(file, bytes, total);
  }

  @Override
  public void calibration(int done, int total) {
    show("calibrating", done, total, "");
  }

  @Override
  public void scoring(String task, int done, int total) {
    show(task, done, total, "");
  }

  @Override
  public void step(StepReport report) {
    show(
        "training",
        report.step() + 1,
        report.totalSteps(),
        String.format(
            Locale.ROOT,
            "loss %.4f, %.0f tokens/s",
            report.loss(),
            report.get(StepReport.TOKENS_PER_SECOND)));
  }

  @Override
  public void skipped(long step, String reason, String rows) {
    message("step " + step + " skipped: the " + reason + " is not finite (" + rows + ")");
  }

  @Override
  public void evaluation(long step, Map<String, Double> scalars) {
    message(
        String.format(Locale.ROOT, "step %d: held-out loss %.4f", step, scalars.get(EVAL_LOSS)));
  }

  /** One more of something that is counted. */
  public synchronized void show(String name, long done, long total, String detail) {
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
  public synchronized void close() {
    finishBar();
  }
}
