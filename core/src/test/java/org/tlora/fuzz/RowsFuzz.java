/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.ExampleFormats;
import org.tlora.data.format.Fields;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.Fault;

/** Files of rows of any kind: the first byte says which. */
public final class RowsFuzz {
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();
  private static final String[] ENDINGS = {"jsonl", "json", "csv", "tsv", "txt"};

  private RowsFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    String name = "a." + ENDINGS[Math.floorMod(data[0], ENDINGS.length)];
    byte[] contents = java.util.Arrays.copyOfRange(data, 1, data.length);
    try {
      DataFile file = DataFile.of(DIRECTORY.write(name, contents));
      for (Row row : RowFiles.read(file)) {
        ExampleFormats.choose("auto", Fields.OWN, row).read(row, new RowNotes(false));
      }
    } catch (Fault e) {
      // one clear line
    }
  }
}
