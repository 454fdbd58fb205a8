/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.text.PrintableText;

/** How runs stand, and the numbers and options of them that a page does not have yet. */
final class News {
  private static final int MOST_STEPS = 20_000;
  private static final Pattern HAS =
      Pattern.compile("([0-9a-f]{16})\\.([a-z0-9-]{1,40})\\.(\\d{1,9})\\.(\\d{1,9})");

  /** What a page has of a run. */
  private record Has(String generation, int steps, int evaluations) {}

  private final RunList.Found found;
  private final Map<String, Has> has = new HashMap<>();
  private int left = MOST_STEPS;

  /**
   * What is new.
   *
   * @param query {@code have=} and a list of what the page has: {@code
   *     id.generation.steps.evaluations}, with commas between; null: nothing
   * @throws UsageFault if it is something else
   */
  static ObjectNode of(RunList.Found found, String query) {
    News news = new News(found);
    if (query != null && !query.equals("have=")) {
      if (!query.startsWith("have=")) {
        throw new UsageFault("what is asked for must be have=…");
      }
      for (String one : query.substring("have=".length()).split(",", -1)) {
        Matcher parts = HAS.matcher(one);
        if (!parts.matches()) {
          throw new UsageFault("what the page has must be id.generation.steps.evaluations");
        }
        news.has.put(
            parts.group(1),
            new Has(
                parts.group(2),
                Integer.parseInt(parts.group(3)),
                Integer.parseInt(parts.group(4))));
      }
    }
    return news.json();
  }

  private News(RunList.Found found) {
    this.found = found;
  }

  private ObjectNode json() {
    ObjectNode all = Json.object();
    ArrayNode columns = all.putArray("columns");
    Points.COLUMNS.forEach(columns::add);
    ArrayNode runs = all.putArray("runs");
    ArrayNode fresh = all.putArray("new");
    boolean more = false;
    for (Map.Entry<String, WatchedRun> e : found.runs().entrySet()) {
      runs.add(summary(e.getKey(), e.getValue()));
      more |= fresh(fresh, e.getValue());
    }
    all.put("more", more);
    ArrayNode notes = all.putArray("notes");
    found.notes().forEach(n -> notes.add(PrintableText.of(n)));
    return all;
  }

  private static ObjectNode summary(String name, WatchedRun run) {
    ObjectNode one = Json.object().put("id", run.id()).put("name", PrintableText.of(name));
    one.put("directory", PrintableText.of(run.directory().toString()));
    one.put("state", run.state().name().toLowerCase(Locale.ROOT));
    one.put("method", shown(run.option("method"))).put("base", shown(run.option("model")));
    one.put("rank", shown(run.option("rank")));
    one.put("learning_rate", shown(run.option("learning-rate")));
    one.put("steps", run.steps()).put("skipped", run.skipped());
    run.total().ifPresentOrElse(n -> one.put("total", n), () -> one.putNull("total"));
    number(one, "loss", run.points().lastLoss());
    number(one, "held_out", run.points().lastHeldOut());
    number(one, "best_held_out", run.points().bestHeldOut());
    number(one, "seconds_left", run.secondsLeft());
    return one.put("problem", shown(run.problem()));
  }

  private static String shown(String text) {
    return text == null ? null : PrintableText.of(text);
  }

  private static void number(ObjectNode one, String name, double value) {
    if (Double.isFinite(value)) {
      one.put(name, value);
    } else {
      one.putNull(name);
    }
  }

  /** Adds what is new of a run; returns whether there is more than goes into one answer. */
  private boolean fresh(ArrayNode all, WatchedRun run) {
    Has had = has.get(run.id());
    Points points = run.points();
    boolean goesOn =
        had != null
            && had.generation().equals(run.generation())
            && had.steps() <= points.steps()
            && had.evaluations() <= points.evaluations();
    int steps = goesOn ? had.steps() : 0;
    int evaluations = goesOn ? had.evaluations() : 0;
    if (goesOn && steps == points.steps() && evaluations == points.evaluations()) {
      return false;
    }
    ObjectNode one = all.addObject().put("id", run.id()).put("generation", run.generation());
    one.put("from", steps).put("evaluations_from", evaluations);
    points.stepsInto(one.putArray("rows"), steps, left);
    int sent = Math.min(points.steps() - steps, left);
    left -= sent;
    points.evaluationsInto(one.putArray("evaluations"), evaluations);
    if (!goesOn) {
      ObjectNode options = one.putObject("options");
      run.options()
          .forEach(
              (name, values) ->
                  options.put(PrintableText.of(name), PrintableText.of(String.join(", ", values))));
    }
    return steps + sent < points.steps();
  }
}
