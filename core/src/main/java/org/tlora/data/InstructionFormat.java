package org.tlora.data;

/**
 * Rows with a field for the instruction and one for the response.
 *
 * @param inputField more of the instruction, on a line of its own where it is not empty; or null
 */
record InstructionFormat(String name, String promptField, String inputField, String responseField)
    implements ExampleFormat {
  @Override
  public boolean fits(Row row) {
    return row.fields().has(promptField) && row.fields().has(responseField);
  }

  @Override
  public Example.Instruction read(Row row) {
    String instruction = Fields.text(row, promptField);
    if (inputField != null && row.fields().hasNonNull(inputField)) {
      String input = Fields.text(row, inputField);
      if (!input.isEmpty()) {
        instruction = instruction + "\n" + input;
      }
    }
    return new Example.Instruction(instruction, Fields.text(row, responseField), row.where());
  }
}
