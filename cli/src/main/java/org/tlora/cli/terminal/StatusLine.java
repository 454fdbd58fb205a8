/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.tlora.run.Bytes;
import org.tlora.run.StepReport;

/**
 * The line that a terminal shows of a run: its phase, how far it is, the loss with its course so
 * far, tokens a second, memory, the time that is left. What has no room is left out, the least
 * telling first.
 */
final class StatusLine {
  private static final String BLOCKS = "▁▂▃▄▅▆▇█";
  private static final String LETTERS = "_.-=+*^#";
  private static final int COURSE = 12; // from so many values on to twice as many are drawn
  private static final int BAR = 12;

  private final boolean blocks;
  private final ArrayDeque<Double> course = new ArrayDeque<>(); // means of `each` losses
  private int each = 1;
  private double sum;
  private int summed;
  private StepReport step; // the last one, or null

  /**
   * Nothing was told yet.
   *
   * @param blocks whether the terminal shows Unicode's blocks
   */
  StatusLine(boolean blocks) {
    this.blocks = blocks;
  }

  /** A step was taken. */
  synchronized void step(StepReport report) {
    step = report;
    if (!Double.isFinite(report.loss())) {
      return;
    }
    sum += report.loss();
    if (++summed == each) {
      course.add(sum / each);
      sum = 0;
      summed = 0;
    }
    if (course.size() == 2 * COURSE) { // half as fine, so that the whole run has room
      List<Double> pairs = new ArrayList<>();
      while (!course.isEmpty()) {
        pairs.add((course.remove() + course.remove()) / 2);
      }
      course.addAll(pairs);
      each *= 2;
    }
  }

  /**
   * The line.
   *
   * @param left the time, or empty where nobody knows
   * @param trains whether what the last step told belongs to it
   * @param width so many characters it has
   */
  synchronized String text(
      String phase, long done, long total, String left, boolean trains, int width) {
    List<String> parts = new ArrayList<>();
    List<Integer> worths = new ArrayList<>();
    add(parts, worths, phase, 9);
    add(parts, worths, done + "/" + total, 8);
    add(parts, worths, bar(done, total), 1);
    if (trains && step != null) {
      add(parts, worths, String.format(Locale.ROOT, "loss %.4f", step.loss()), 7);
      add(parts, worths, drawn(), 4);
      double pace = step.get(StepReport.TOKENS_PER_SECOND);
      add(parts, worths, String.format(Locale.ROOT, "%.0f tokens/s", pace), 5);
      double peak = step.get(StepReport.PEAK_RSS_BYTES);
      add(parts, worths, Bytes.text((long) peak), 3);
    }
    add(parts, worths, left, 6);
    while (parts.size() > 1 && length(parts) > width) {
      int least = worths.indexOf(Collections.min(worths));
      parts.remove(least);
      worths.remove(least);
    }
    String line = String.join("  ", parts);
    return line.length() > width
        ? line.substring(0, Math.max(0, width))
        : line + " ".repeat(width - line.length()); // over what was longer before
  }

  private static void add(List<String> parts, List<Integer> worths, String part, int worth) {
    if (!part.isEmpty()) {
      parts.add(part);
      worths.add(worth);
    }
  }

  private static int length(List<String> parts) {
    return parts.stream().mapToInt(String::length).sum() + 2 * (parts.size() - 1);
  }

  private static String bar(long done, long total) {
    int full = total == 0 ? 0 : (int) (Math.min(done, total) * BAR / total);
    return "[" + "#".repeat(full) + " ".repeat(BAR - full) + "]";
  }

  /** The losses, the lowest of them at the bottom. */
  private String drawn() {
    if (course.size() < 2) {
      return "";
    }
    double least = Collections.min(course);
    double most = Collections.max(course);
    String levels = blocks ? BLOCKS : LETTERS;
    StringBuilder line = new StringBuilder();
    for (double loss : course) {
      double share = most > least ? (loss - least) / (most - least) : 0;
      line.append(levels.charAt((int) Math.round(share * (levels.length() - 1))));
    }
    return line.toString();
  }

  /** The time that is left at the pace so far. */
  static String left(long done, long total, long begun, long nanos) {
    if (done <= begun || done >= total) {
      return "";
    }
    double rest = (double) nanos / (done - begun) * (total - done);
    long seconds = TimeUnit.NANOSECONDS.toSeconds((long) rest);
    String time =
        seconds >= 3600
            ? String.format(
                Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
            : String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
    return time + " left";
  }
}
