/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.tune;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tlora.data.Encoded;
import org.tlora.data.LearnedTokens;
import org.tlora.data.encode.ExampleEncoder;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;

/**
 * Prompts that a user names: texts, which get the template around them that rows have, or files of
 * rows as training reads them. A row that has nothing but a {@code prompt} or a {@code text} is
 * that text.
 */
final class SamplePrompts {
  /** So many of a file. */
  private static final int MOST = 16;

  private static final List<String> TEXTS = List.of("prompt", "text");

  private final TuningJob job;
  private final ExampleEncoder encoder;
  private final List<Encoded> rows = new ArrayList<>();

  private SamplePrompts(TuningJob job, ExampleEncoder encoder) {
    this.job = job;
    this.encoder = encoder;
  }

  /**
   * The prompts as rows; of those that are texts nothing is learned.
   *
   * @param encoder null: the model is no decoder
   * @throws org.tlora.fault.Fault if a file cannot be read
   */
  static List<Encoded> of(TuningJob job, ExampleEncoder encoder) {
    if (encoder == null) {
      throw new UsageFault("`samplePrompts` needs a decoder, which writes text");
    }
    SamplePrompts all = new SamplePrompts(job, encoder);
    job.during().samplePrompts().forEach(all::add);
    return List.copyOf(all.rows);
  }

  private void add(String named) {
    Path file = file(named);
    if (file == null) {
      rows.add(text(named, "`samplePrompts`"));
      return;
    }
    ExampleFormat format = null;
    for (Row row : RowFiles.first(DataFile.of(file), MOST)) {
      String alone = alone(row);
      if (alone != null) {
        rows.add(text(alone, row.where()));
        continue;
      }
      if (format == null) {
        format = encoder.format(job.reading().formatName(), job.reading().fields(), row);
      }
      Example example = format.read(row, new RowNotes(false));
      rows.add(encoder.encode(example));
    }
  }

  /** The file of that name, or null: it is a text. */
  private static Path file(String named) {
    try {
      Path path = Path.of(named);
      return Files.isRegularFile(path) ? path : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static String alone(Row row) {
    if (row.fields().size() != 1) {
      return null;
    }
    for (String name : TEXTS) {
      JsonNode value = row.fields().path(name);
      if (value.isTextual()) {
        return value.asText();
      }
    }
    return null;
  }

  private LearnedTokens text(String text, String where) {
    Example.Instruction asked = new Example.Instruction(text, "", where);
    int[] ids = encoder.promptIds(asked, encoder.promptText(asked));
    if (ids.length == 0) {
      throw new InputFault(where + ": the prompt has no tokens");
    }
    int[] nothing = new int[ids.length];
    Arrays.fill(nothing, Encoded.IGNORED);
    return new LearnedTokens(ids, nothing);
  }
}
