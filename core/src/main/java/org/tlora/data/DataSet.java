package org.tlora.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.fault.InputFault;

/**
 * Encoded rows of one or more files.
 *
 * @param rows those with at least one supervised token, in file order
 * @param format how the rows were read
 * @param withoutSupervision rows that were left out because their prompt fills the cut-off
 * @param cut rows that lost tokens to the cut-off
 */
public record DataSet(
    List<Encoded> rows, InstructionFormat format, int withoutSupervision, int cut) {

  /**
   * Reads and encodes files.
   *
   * @param formatName see {@link InstructionFormat#names()}
   * @param promptField null: the format's own
   * @param responseField null: the format's own
   * @throws InputFault if a file or row is wrong, or no row has a supervised token
   */
  public static DataSet read(
      List<Path> files,
      String formatName,
      String promptField,
      String responseField,
      ExampleEncoder encoder,
      int cutoffLength) {
    List<Encoded> rows = new ArrayList<>();
    InstructionFormat format = null;
    int without = 0;
    int cut = 0;
    for (Path file : files) {
      List<Row> raw = JsonRows.read(file);
      format = InstructionFormat.choose(formatName, promptField, responseField, raw.get(0));
      for (Row row : raw) {
        Encoded encoded = encoder.encode(format.read(row));
        if (encoded.ids().length == cutoffLength) {
          cut++;
        }
        if (encoded.supervisedTokens() == 0) {
          without++;
        } else {
          rows.add(encoded);
        }
      }
    }
    if (rows.isEmpty()) {
      throw new InputFault(
          files.get(0)
              + ": no row has a response within --cutoff-length "
              + cutoffLength
              + "; raise it");
    }
    return new DataSet(List.copyOf(rows), format, without, cut);
  }
}
