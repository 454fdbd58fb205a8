/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.encode;

import org.tlora.data.Encoded;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.Fields;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;

/**
 * Encodes rows as training does, and measures what of them is beyond the cut-off.
 *
 * @param whole cuts nothing
 * @param cut cuts as training does; asked for longer rows alone
 */
record MeasuringEncoder(RowEncoder whole, RowEncoder cut) implements RowEncoder {
  /**
   * A row with what it was before the cut.
   *
   * @param row as training sees it
   * @param wholeTokens of it before
   * @param wholeLearned predictions with a loss before
   * @param digest of all of it
   */
  record Measured(Encoded row, int wholeTokens, int wholeLearned, long digest) implements Encoded {
    @Override
    public int[] ids() {
      return row.ids();
    }

    @Override
    public int supervisedTokens() {
      return row.supervisedTokens();
    }

    @Override
    public int secondFrom() {
      return row.secondFrom();
    }

    @Override
    public void targets(Targets targets) {
      row.targets(targets);
    }

    @Override
    public int[] contents() {
      return row.contents();
    }
  }

  @Override
  public ExampleFormat format(String name, Fields fields, Row first) {
    return cut.format(name, fields, first);
  }

  @Override
  public Measured encode(Example example, RowNotes notes) {
    Encoded all = whole.encode(example, notes);
    int tokens = all.ids().length;
    // the notes were taken above
    Encoded row = tokens <= cut.cutoffLength() ? all : cut.encode(example, new RowNotes(false));
    return new Measured(row, tokens, all.supervisedTokens(), RowDigest.of(all.contents()));
  }

  @Override
  public int cutoffLength() {
    return cut.cutoffLength();
  }
}
