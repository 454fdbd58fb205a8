/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Figures of a card that belong together.
 *
 * @param title over their table
 */
public record Group(String title, List<Figure> figures) {
  /** A name and what there is to say. */
  public record Figure(String name, String value) {}

  /** Keeps a copy. */
  public Group {
    figures = List.copyOf(figures);
  }

  /** Gathers figures. Not safe for threads. */
  public static final class Builder {
    private final String title;
    private final List<Figure> figures = new ArrayList<>();

    /** None so far. */
    public Builder(String title) {
      this.title = title;
    }

    /** A text; null or nothing is left out. */
    public Builder add(String name, String value) {
      if (value != null && !value.isBlank()) {
        figures.add(new Figure(name, value));
      }
      return this;
    }

    /** A count. */
    public Builder add(String name, long value) {
      return add(name, String.format(Locale.ROOT, "%,d", value));
    }

    /** A number; NaN is left out. */
    public Builder add(String name, double value) {
      return Double.isNaN(value) ? this : add(name, Markdown.number(value));
    }

    /** All of them. */
    public Group build() {
      return new Group(title, figures);
    }
  }
}
