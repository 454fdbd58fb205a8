/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressState;
import org.tlora.run.RunListener;
import org.tlora.run.Sample;
import org.tlora.run.StepReport;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Shows a run on standard error: a line that is drawn anew on a terminal, lines elsewhere, also on
 * a terminal that can only print ({@code TERM=dumb}). Nothing has a colour.
 */
public final class Progress implements RunListener, AutoCloseable {
  /** The option that says how it is told. */
  public static final String FORMAT = "--log-format";

  /** Its value for {@link JsonLines}. */
  public static final String JSON = "json";

  private static final String TRAINING = "training";
  private static final int MOST_OF_A_SAMPLE = 48;
  private static final long LINE_EVERY_NANOS = 5_000_000_000L;

  /** Set by the launcher, which can tell whether standard error is a terminal. */
  private final boolean terminal =
      Boolean.getBoolean("tlora.terminal") && !"dumb".equals(System.getenv("TERM"));

  private final UnaryOperator<String> words;
  private ProgressBar bar;
  private String barName = "";
  private final StatusLine line = new StatusLine(showsBlocks());
  private long lastLine = System.nanoTime();
  private final Map<String, Phase> phases = new HashMap<>(); // the last of each name
  private volatile Phase phase; // that is shown

  /**
   * A part of a run that is counted through.
   *
   * @param begun what was done when it began
   * @param start of it, by the monotonic clock
   */
  private record Phase(String name, long begun, long start, long done) {
    String left(long total) {
      return StatusLine.left(done, total, begun, System.nanoTime() - start);
    }
  }

  /** Whether the locale is one of UTF-8, by the variables in the order in which they count. */
  private static boolean showsBlocks() {
    for (String name : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
      String locale = System.getenv(name);
      if (locale != null && !locale.isEmpty()) {
        return locale.toUpperCase(Locale.ROOT).matches(".*UTF-?8.*");
      }
    }
    return false;
  }

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
    long megabytes = Math.max(1, (Math.max(bytes, total) + (1L << 20) - 1) >> 20);
    // whole ones alone: only the last byte makes the last of them done, and so its line is one
    show("MB of " + file, bytes == total ? megabytes : bytes >> 20, megabytes, "");
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
    line.step(report);
    show(
        TRAINING,
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
    List<String> parts = new ArrayList<>();
    scalars.forEach(
        (name, value) -> {
          if (!name.endsWith("_stderr")) {
            String called = name.replaceFirst("^eval_loss$", "held-out loss");
            called = called.replaceFirst("^eval_", "");
            parts.add(String.format(Locale.ROOT, "%s %.4f", called, value));
          }
        });
    message("step " + step + ": " + String.join(", ", parts));
  }

  /** The first of them alone: all are in a file. */
  @Override
  public void samples(long step, List<Sample> samples) {
    String text = samples.isEmpty() ? "" : samples.get(0).text().strip();
    String first = text.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", " ");
    boolean cut = first.length() > MOST_OF_A_SAMPLE || first.length() < text.length();
    String shown = first.substring(0, Math.min(first.length(), MOST_OF_A_SAMPLE));
    String when = step < 0 ? "before the first step" : "step " + step;
    message(when + ": writes '" + shown + (cut ? " ...'" : "'"));
  }

  /** One more of something that is counted. */
  public synchronized void show(String name, long done, long total, String detail) {
    Phase before = phases.get(name);
    boolean begins = before == null || done < before.done();
    Phase now =
        begins
            ? new Phase(name, done, System.nanoTime(), done)
            : new Phase(name, before.begun(), before.start(), done);
    phases.put(name, now);
    phase = now;
    if (terminal) {
      draw(total);
    } else if (begins || done == total || System.nanoTime() - lastLine > LINE_EVERY_NANOS) {
      lastLine = System.nanoTime();
      String left = now.left(total);
      System.err.println(
          name
              + " "
              + done
              + "/"
              + total
              + (detail.isEmpty() ? "" : ": " + detail)
              + (left.isEmpty() ? "" : ", " + left));
    }
  }

  private void draw(long total) {
    if (bar == null || !barName.equals(phase.name())) {
      finishBar();
      barName = phase.name();
      bar =
          new ProgressBarBuilder()
              .setTaskName(barName)
              .setInitialMax(total)
              .setRenderer(this::drawn)
              .setUpdateIntervalMillis(250)
              .clearDisplayOnFinish()
              .build();
    }
    bar.maxHint(total);
    bar.stepTo(phase.done());
    if (phase.done() == total) {
      finishBar();
    }
  }

  private String drawn(ProgressState state, int width) {
    Phase now = phase;
    boolean trains = now.name().equals(TRAINING);
    return line.text(
        now.name(), now.done(), state.getMax(), now.left(state.getMax()), trains, width);
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
