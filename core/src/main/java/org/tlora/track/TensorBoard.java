/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.track;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.fault.RunFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;
import org.tlora.run.RunEnd;
import org.tlora.run.RunStart;
import org.tlora.run.Sample;
import org.tlora.run.StepReport;

/**
 * Event files for TensorBoard, in {@code tensorboard/} of the output. Steps count from 1, as steps
 * that were taken; what was before the first is at 0.
 */
final class TensorBoard implements Tracker {
  private static final Pattern OURS =
      Pattern.compile("events\\.out\\.tfevents\\.(\\d{10})\\.tlora");

  @Override
  public String name() {
    return "tensorboard";
  }

  @Override
  public void check(Map<String, String> environment) {
    // it needs nothing but the output
  }

  @Override
  public Tracking open(TrackedRun run, Map<String, String> environment) {
    Path directory = run.output().resolve(name());
    AtomicFiles.prepareDirectory(directory);
    long seconds = System.currentTimeMillis() / 1000;
    try {
      for (Path earlier : ours(directory)) {
        if (!run.isResumed()) {
          Files.delete(earlier); // of a run that this one takes the place of
        } else {
          // files are read in the order of their names
          seconds = Math.max(seconds, time(earlier) + 1);
        }
      }
    } catch (IOException e) {
      throw new RunFault(directory + " cannot be prepared: " + Json.reason(e), e);
    }
    Path file =
        directory.resolve(String.format(Locale.ROOT, "events.out.tfevents.%010d.tlora", seconds));
    return new Open(run, new EventFile(file));
  }

  private static List<Path> ours(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path p : all) {
        if (OURS.matcher(p.getFileName().toString()).matches()) {
          found.add(p);
        }
      }
    }
    return found;
  }

  private static long time(Path file) {
    Matcher m = OURS.matcher(file.getFileName().toString());
    return m.matches() ? Long.parseLong(m.group(1)) : 0;
  }

  /** Writes what it is told. */
  private static final class Open implements Tracking {
    private final TrackedRun run;
    private final EventFile file;

    Open(TrackedRun run, EventFile file) {
      this.run = run;
      this.file = file;
      file.write(Events.version(now()));
      if (run.isResumed()) {
        file.write(Events.goesOn(now(), run.stepsTaken() + 1));
      }
    }

    private static double now() {
      return System.currentTimeMillis() / 1000.0;
    }

    @Override
    public void started(RunStart start) {
      Map<String, String> all = new LinkedHashMap<>(run.options());
      all.put("trainable parameters", "" + start.trainableParameters());
      all.put("base parameters", "" + start.baseParameters());
      StringBuilder table = new StringBuilder("| option | value |\n|---|---|\n");
      all.forEach((name, value) -> table.append(row(name, value)));
      file.write(Events.text(now(), run.stepsTaken(), "options", table.toString()));
      file.write(Events.hparams(now(), run.name(), all));
    }

    private static String row(String name, String value) {
      return "| " + name + " | `" + value.replaceAll("[|`\\v]+", " ") + "` |\n";
    }

    @Override
    public void step(StepReport report) {
      Map<String, Double> tags = new LinkedHashMap<>();
      report.scalars().forEach((name, v) -> tags.put("train/" + name.replace('.', '/'), v));
      file.write(Events.scalars(now(), report.step() + 1, tags));
    }

    @Override
    public void evaluation(long step, Map<String, Double> scalars) {
      Map<String, Double> tags = new LinkedHashMap<>();
      scalars.forEach((name, v) -> tags.put("eval/" + name.replaceFirst("^eval_", ""), v));
      file.write(Events.scalars(now(), step + 1, tags));
    }

    @Override
    public void best(long steps, String metric, double value) {
      file.write(Events.scalars(now(), steps, Map.of("eval/best", value)));
    }

    @Override
    public void skipped(long step, String reason, String rows) {
      String text = "the " + reason + " is not finite: " + rows;
      file.write(Events.text(now(), step + 1, "skipped", text));
    }

    @Override
    public void samples(long step, List<Sample> samples) {
      for (int i = 0; i < samples.size(); i++) {
        Sample s = samples.get(i);
        String text = "prompt\n\n" + verbatim(s.prompt()) + "\n\nanswer\n\n" + verbatim(s.text());
        if (s.reference() != null) {
          text = text + "\n\nreference\n\n" + verbatim(s.reference());
        }
        file.write(Events.text(now(), step + 1, "samples/" + (i + 1), text));
      }
    }

    /** As Markdown shows a text that is not its own. */
    private static String verbatim(String text) {
      return "    " + text.replaceAll("\\R", "\n    ");
    }

    @Override
    public void ended(RunEnd end) {
      if (!end.interrupted()) {
        file.write(Events.ended(now(), end.failure() == null));
      }
    }

    @Override
    public void close() {
      file.close();
    }
  }
}
