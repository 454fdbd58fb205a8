/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.fuzz;

import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.fault.InputFault;

/** Parquet files, at the boundary to the library that reads them. */
public final class ParquetFuzz {
  private static final FuzzDirectory DIRECTORY = new FuzzDirectory();

  private ParquetFuzz() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      RowFiles.read(DataFile.of(DIRECTORY.write("a.parquet", data)));
    } catch (InputFault e) {
      // one clear line
    }
  }
}
