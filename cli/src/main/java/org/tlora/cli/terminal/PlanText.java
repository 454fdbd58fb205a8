/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import org.tlora.format.Json;
import org.tlora.run.Bytes;
import org.tlora.run.Durations;
import org.tlora.run.Fitting;
import org.tlora.run.RunPlan;

/**
 * A plan as text for people, and as JSON.
 *
 * @param room bytes of memory that there are for a process
 */
public record PlanText(long room) {
  /** A plan for people. */
  public String of(RunPlan plan) {
    StringBuilder out = new StringBuilder();
    line(
        out,
        "%s: %,d trainable parameters (%.2f %% of %,d)%s",
        plan.method(),
        plan.trainableParameters(),
        100.0 * plan.trainableParameters() / plan.baseParameters(),
        plan.baseParameters(),
        plan.scored() ? ", if all layers are equally sensitive" : "");
    plan.trainableByType().forEach((type, n) -> line(out, "  %-16s %,14d", type, n));
    line(out, "%,d rows, %,d steps, %,d tokens", plan.rows(), plan.steps(), plan.tokens());
    out.append('\n');
    line(
        out,
        "%s of memory at the peak (%s); there are %s",
        Bytes.text(plan.peakBytes()),
        plan.highest().name(),
        Bytes.text(room));
    plan.components()
        .forEach(
            (name, bytes) -> {
              if (bytes > 0) {
                line(out, "  %-16s %14s", name.replace('_', ' '), Bytes.text(bytes));
              }
            });
    out.append('\n');
    line(out, "about %s, as fast as the machine is now", Durations.text(plan.seconds()));
    for (RunPlan.Phase phase : plan.phases()) {
      if (phase.peakBytes() > 0) {
        line(
            out,
            "  %-16s %14s %12s",
            phase.name(),
            Bytes.text(phase.peakBytes()),
            Durations.text(phase.seconds()));
      }
    }
    line(out, "%s on disk", Bytes.text(plan.diskBytes()));
    return out.toString();
  }

  /** A proposal for people. */
  public String of(Fitting f) {
    StringBuilder out = new StringBuilder();
    String size = Bytes.text(f.bytes());
    if (f.settings().isEmpty() && f.fits()) {
      line(out, "fits into %s as it is", size);
    } else if (f.fits()) {
      line(out, "fits into %s with%s", size, options(f));
    } else {
      long missing = f.proposed().peakBytes() - f.bytes();
      line(out, "nothing fits into %s: %s are missing%s", size, Bytes.text(missing), least(f));
    }
    if (!f.settings().isEmpty()) {
      line(
          out,
          "  %s instead of %s of memory; %s instead of %s",
          Bytes.text(f.proposed().peakBytes()),
          Bytes.text(f.asked().peakBytes()),
          Durations.text(f.proposed().seconds()),
          Durations.text(f.asked().seconds()));
    }
    return out.append('\n').append(of(f.proposed())).toString();
  }

  private static String least(Fitting f) {
    return f.settings().isEmpty() ? "" : " even with" + options(f);
  }

  private static String options(Fitting f) {
    StringBuilder all = new StringBuilder();
    for (Map.Entry<String, String> e : f.settings().entrySet()) {
      all.append(" --").append(e.getKey());
      if (!e.getValue().equals("true")) {
        all.append(' ').append(e.getValue());
      }
    }
    return all.toString();
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** A plan as a JSON object. */
  public String json(RunPlan plan) {
    return Json.pretty(object(plan));
  }

  /** A proposal: the plan with it, and the settings that are to be changed. */
  public String json(Fitting f) {
    ObjectNode out = object(f.proposed());
    ObjectNode fit = out.putObject("fit");
    fit.put("bytes", f.bytes()).put("fits", f.fits());
    ObjectNode settings = fit.putObject("settings");
    f.settings().forEach(settings::put);
    fit.set("asked", object(f.asked()));
    return Json.pretty(out);
  }

  private ObjectNode object(RunPlan plan) {
    ObjectNode out = Json.object();
    out.put("method", plan.method());
    out.put("trainable_parameters", plan.trainableParameters());
    ObjectNode types = out.putObject("trainable_by_type");
    plan.trainableByType().forEach(types::put);
    out.put("base_parameters", plan.baseParameters());
    out.put("rows", plan.rows()).put("steps", plan.steps()).put("tokens", plan.tokens());
    out.put("peak_bytes", plan.peakBytes());
    ObjectNode components = out.putObject("components");
    plan.components().forEach(components::put);
    ObjectNode phases = out.putObject("phases");
    for (RunPlan.Phase phase : plan.phases()) {
      ObjectNode one = phases.putObject(phase.name());
      one.put("peak_bytes", phase.peakBytes()).put("seconds", phase.seconds());
    }
    out.put("seconds", plan.seconds());
    out.put("disk_bytes", plan.diskBytes());
    return out.put("available_bytes", room);
  }
}
