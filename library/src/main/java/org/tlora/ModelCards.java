/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlora.card.CardEdit;
import org.tlora.card.License;
import org.tlora.card.Score;
import org.tlora.fault.Problems;

/**
 * Adds to the model card of a directory, {@code README.md}, what training could not know; makes one
 * where there is none. Text that somebody has written into it outside of its markers stays. Not
 * safe for threads.
 */
public final class ModelCards {
  private final Path directory;
  private String base; // or null
  private String license; // or null
  private List<String> languages = List.of();
  private final List<Path> scores = new ArrayList<>();

  private ModelCards(Path directory) {
    this.directory = directory;
  }

  /** The card of a directory with an adapter or a model. */
  public static ModelCards of(Path directory) {
    return new ModelCards(directory);
  }

  /** What the base is called on the hub, {@code OWNER/NAME}. */
  public ModelCards base(String value) {
    base = value;
    return this;
  }

  /** Under which license it is, by the hub's id of that. */
  public ModelCards license(String value) {
    license = value;
    return this;
  }

  /** Languages that it is for, by codes of two or three letters. */
  public ModelCards languages(String... codes) {
    languages = List.of(codes);
    return this;
  }

  /** Scores as {@code tlora evaluate --output} writes them; they replace those of before. */
  public ModelCards scores(Path file) {
    scores.add(file);
    return this;
  }

  /**
   * Writes the card.
   *
   * @throws org.tlora.fault.UsageFault if an option is wrong, or the README there is not one that
   *     this project has written
   * @throws org.tlora.fault.InputFault if the directory holds no adapter or model, or a file of
   *     scores is none
   */
  public void write() {
    Problems problems = new Problems();
    License named = license == null ? null : problems.gather(() -> License.named(license));
    List<Score> all = new ArrayList<>();
    scores.forEach(file -> all.addAll(Score.read(file)));
    CardEdit edit = problems.gather(() -> new CardEdit(base, named, languages, all, null));
    problems.end();
    edit.write(directory);
  }
}
