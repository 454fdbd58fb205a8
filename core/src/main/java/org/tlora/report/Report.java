/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.List;

/**
 * The contents of a page.
 *
 * @param lead one or two sentences under the title
 * @param tiles the few figures that matter
 */
public record Report(String title, String lead, List<Figure> tiles, List<Section> sections) {
  /** A part of the page with a heading of its own. */
  public record Section(String title, List<Part> parts) {}

  /** What sections are made of. */
  public sealed interface Part
      permits Note, Figures, Table, Chart, Charts, Maps, Panels, Samples, Folded {}

  /** A paragraph. */
  public record Note(String text) implements Part {}

  /**
   * A number or a few words.
   *
   * @param more in small print, or empty
   */
  public record Figure(String name, String value, String more) {
    /** One without small print. */
    public Figure(String name, String value) {
      this(name, value, "");
    }
  }

  /** Figures below each other. */
  public record Figures(String title, List<Figure> figures) implements Part {}

  /**
   * A table; the first column holds the rows' names.
   *
   * @param prose whether cells hold running text, which reads from the left and keeps its lines
   */
  public record Table(String title, List<String> header, List<List<String>> rows, boolean prose)
      implements Part {}

  /** How a chart is drawn. */
  public enum Look {
    /** Lines over an axis of equal steps. */
    LINES,
    /** Lines over an axis of equal factors. */
    LOGARITHMIC,
    /** Points that nothing joins. */
    POINTS
  }

  /** Curves over one axis. */
  public record Chart(String title, String xLabel, List<Series> series, Look look) implements Part {
    /** One of lines. */
    public Chart(String title, String xLabel, List<Series> series) {
      this(title, xLabel, series, Look.LINES);
    }
  }

  /** Charts side by side, where there is room. */
  public record Charts(List<Chart> charts) implements Part {}

  /**
   * A curve.
   *
   * @param x ascending
   * @param y as many; NaN where there is no value
   * @param faint whether it is drawn pale, in the colour of the next one
   */
  public record Series(String name, double[] x, double[] y, boolean faint) {
    /** One that is drawn as usual. */
    public Series(String name, double[] x, double[] y) {
      this(name, x, y, false);
    }
  }

  /** Heat maps side by side, where there is room. */
  public record Maps(List<HeatMap> maps) implements Part {}

  /**
   * Numbers as colours.
   *
   * @param values [rows][columns], NaN where there is none
   */
  public record HeatMap(String title, List<String> columns, List<String> rows, double[][] values) {}

  /** Small charts side by side, each of a few lines that tell a shape. */
  public record Panels(String title, List<Panel> panels) implements Part {}

  /**
   * A small chart.
   *
   * @param lines from the first layer to the last, not negative
   */
  public record Panel(String title, List<Line> lines) {}

  /** A line of a small chart: values one after the other. */
  public record Line(String name, double[] values) {}

  /**
   * What models say to the same prompts.
   *
   * @param open so many are seen at once, the others are folded away
   */
  public record Samples(List<Card> cards, int open) implements Part {}

  /** A prompt with what is said to it, side by side where there is room. */
  public record Card(String prompt, List<Answer> answers) {}

  /**
   * An answer, and whose it is.
   *
   * @param tuned whether it is that of what was trained
   */
  public record Answer(String of, String text, boolean tuned) {}

  /** Parts that are seen once somebody asks for them. */
  public record Folded(String summary, List<Part> parts) implements Part {}
}
