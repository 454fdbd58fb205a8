/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tlora.format.Json;
import org.tlora.text.PrintableText;

/** What was found on a machine. */
public final class Examination {
  private final List<Finding> findings = new ArrayList<>();

  private Examination() {}

  /**
   * Looks at everything. The native libraries are loaded by another process, so that this one
   * survives whatever they do.
   */
  public static Examination ofThisMachine() {
    Map<String, String> environment = System.getenv();
    Path root = Path.of("/");
    Path home = Path.of(System.getProperty("user.home", "."));
    Probe probe = Probe.start();
    return of(
        List.of(
            new JavaCheck(),
            new NativeCheck(probe),
            new ProcessorCheck(environment),
            new ThreadsCheck(environment),
            new MemoryCheck(root, environment),
            new DiskCheck(environment, home),
            new GpuCheck(root, probe),
            new HubCheck(environment, home),
            new EncodingCheck(System.getProperties())));
  }

  /** Looks by some checks; one that fails is a finding itself. */
  static Examination of(List<Check> checks) {
    Examination examination = new Examination();
    for (Check check : checks) {
      try {
        examination.findings.addAll(check.findings());
      } catch (RuntimeException | LinkageError e) {
        examination.findings.add(
            Finding.warning(
                check.name(), "could not be looked at: " + e, "tell us, with what --debug shows"));
      }
    }
    return examination;
  }

  /** What keeps it from training; empty if nothing does. */
  public Optional<String> fault() {
    return findings.stream()
        .filter(f -> f.level() == Finding.Level.FAULT)
        .map(f -> f.name() + ": " + f.text() + (f.advice().isEmpty() ? "" : "; " + f.advice()))
        .findFirst();
  }

  private long count(Finding.Level level) {
    return findings.stream().filter(f -> f.level() == level).count();
  }

  /** For programs. */
  public ObjectNode json() {
    ObjectNode json = Json.object().put("can_train", fault().isEmpty());
    json.put("faults", count(Finding.Level.FAULT)).put("warnings", count(Finding.Level.WARNING));
    var list = json.putArray("findings");
    for (Finding f : findings) {
      ObjectNode one = list.addObject().put("name", f.name()).put("level", f.levelName());
      one.put("text", f.text()).put("advice", f.advice());
      one.set("details", f.details());
    }
    return json;
  }

  /** For people: a line each, and one about all. */
  public String text() {
    int width = findings.stream().mapToInt(f -> f.name().length()).max().orElse(0);
    StringBuilder out = new StringBuilder();
    for (Finding f : findings) {
      String advice = f.advice().isEmpty() ? "" : " — " + f.advice();
      out.append(pad(f.levelName(), "warning".length())).append("  ");
      out.append(pad(f.name(), width)).append("  ");
      out.append(PrintableText.of(f.text() + advice).replaceAll("\\s*\\n\\s*", " ")).append('\n');
    }
    long warnings = count(Finding.Level.WARNING);
    out.append(fault().isEmpty() ? "can train" : "cannot train");
    out.append(", ").append(warnings).append(warnings == 1 ? " warning" : " warnings").append('\n');
    return out.toString();
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }
}
