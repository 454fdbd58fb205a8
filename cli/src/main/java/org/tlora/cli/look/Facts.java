/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.text.PrintableText;

/**
 * What there is to say about something: an object for programs, lines for people, and what is wrong
 * with it.
 */
public final class Facts {
  private static final int GAP = 2;

  private record Line(int depth, String label, String text) {}

  private final ObjectNode json = Json.object();
  private final List<Line> lines = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  Facts() {}

  /** For programs; may be added to. */
  public ObjectNode json() {
    return json;
  }

  /** Adds a line; nothing where there is no text. */
  Facts line(String label, String text) {
    return add(0, label, text);
  }

  /** The same below the line before. */
  Facts inner(String label, String text) {
    return add(1, label, text);
  }

  private Facts add(int depth, String label, String text) {
    if (text != null && !text.isEmpty()) {
      lines.add(new Line(depth, label, text));
    }
    return this;
  }

  /** Something is wrong with it, which {@link #requireNoProblem} ends with. */
  void problem(String problem) {
    problems.add(problem);
    json.withArray("problems").add(problem);
    line("problem", problem);
  }

  /** Adds the lines and problems of a part of it. */
  void add(Facts part) {
    lines.addAll(part.lines);
    part.problems.forEach(problems::add);
  }

  /** The lines, with texts below each other. */
  public String text() {
    int width = 0;
    for (Line l : lines) {
      width = Math.max(width, GAP * l.depth() + l.label().length());
    }
    StringBuilder out = new StringBuilder();
    String margin = "\n" + " ".repeat(width + GAP);
    for (Line l : lines) {
      String label = " ".repeat(GAP * l.depth()) + PrintableText.of(l.label());
      String text = PrintableText.of(l.text()).stripTrailing().replace("\n", margin);
      out.append(label).append(" ".repeat(Math.max(GAP, width + GAP - label.length())));
      out.append(text).append('\n');
    }
    return out.toString();
  }

  /**
   * Ends well if nothing is wrong.
   *
   * @throws InputFault with what is wrong first
   */
  public void requireNoProblem() {
    if (!problems.isEmpty()) {
      int more = problems.size() - 1;
      throw new InputFault(
          problems.get(0)
              + (more == 0
                  ? ""
                  : " (and " + more + (more == 1 ? " problem more)" : " problems more)")));
    }
  }
}
