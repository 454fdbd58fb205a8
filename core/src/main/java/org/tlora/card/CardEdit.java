/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;

/**
 * What somebody adds to the card of a directory.
 *
 * @param base the base's id on the hub, or null: as it was
 * @param license or null: as it was
 * @param languages codes such as {@code en}; none: as they were
 * @param scores how it did on tasks; none: as they were
 * @param repository where it is to be on the hub, or null: it stays where it is
 */
public record CardEdit(
    String base, License license, List<String> languages, List<Score> scores, String repository) {
  /** Nothing. */
  public static final CardEdit NOTHING = new CardEdit(null, null, List.of(), List.of(), null);

  /** Checks what a user has named. */
  public CardEdit {
    languages = List.copyOf(languages);
    scores = List.copyOf(scores);
    if (base != null && !HubPlace.isId(base)) {
      throw new UsageFault("`base` must be a model of the hub, OWNER/NAME, not " + base);
    }
    for (String language : languages) {
      if (!language.matches("[a-z]{2,3}|code|multilingual")) {
        throw new UsageFault(
            "`language` must be codes of two or three letters, such as en, not " + language);
      }
    }
  }

  /**
   * The card with it; where there is none, one of what lies in the directory.
   *
   * @return nothing where the card there is its user's own
   * @throws org.tlora.fault.InputFault if the directory holds no adapter and no model
   */
  public Optional<CardFile> on(Path directory) {
    Optional<CardFile> there = CardFile.read(directory);
    if (there.isPresent() && !there.get().isOurs()) {
      return Optional.empty();
    }
    CardFile file =
        there.orElseGet(() -> FoundCard.of(directory).file(directory, Optional.empty()));
    return Optional.of(applied(file, directory));
  }

  /**
   * Writes the card with it.
   *
   * @throws UsageFault if the card there is its user's own
   * @throws org.tlora.fault.RunFault if it cannot be written
   */
  public void write(Path directory) {
    on(directory)
        .orElseThrow(
            () ->
                new UsageFault(
                    directory.resolve(CardFile.NAME)
                        + " is not written by tlora and stays as it is: move it away, and add your"
                        + " text to the new one outside of its markers"))
        .write(directory);
  }

  /**
   * Writes the card with it where that is possible: for whoever has something else to do.
   *
   * @return what a user should know where it was not
   * @throws org.tlora.fault.RunFault if it cannot be written
   */
  public Optional<String> tryToWrite(Path directory) {
    try {
      Optional<CardFile> card = on(directory);
      card.ifPresent(c -> c.write(directory));
      return card.isPresent()
          ? Optional.empty()
          : Optional.of(directory.resolve(CardFile.NAME) + " is somebody's own: no scores in it");
    } catch (InputFault e) {
      return Optional.of(e.getMessage() + ": no scores in it");
    }
  }

  private CardFile applied(CardFile before, Path directory) {
    CardFile file = before;
    Usage usage = Usage.of(directory, Kind.of(directory));
    ObjectNode metadata = file.metadata();
    if (base != null) {
      metadata.put(ModelCard.BASE_MODEL, base);
      file = file.without(CardFile.CARD, ModelCard.NO_BASE);
    }
    if (license != null) {
      metadata.remove(List.of("license_name", "license_link"));
      license.addTo(metadata);
      file = file.without(CardFile.CARD, ModelCard.NO_LICENSE);
    }
    if (!languages.isEmpty()) {
      ModelCard.putList(metadata, "language", languages);
      file = file.without(CardFile.CARD, ModelCard.NO_LANGUAGE);
    }
    String place = repository == null ? CardFile.shortName(directory) : repository;
    if (!scores.isEmpty()) {
      Score.addTo(metadata, place, usage.task(), scores);
      file = file.withAtEnd(CardFile.SCORES, Score.text(scores));
    } else if (metadata.path("model-index").path(0) instanceof ObjectNode index) {
      index.put("name", place);
    }
    String use = usage.text(base(file, metadata, directory), place, repository != null);
    return file.withMetadata(metadata).with(CardFile.USE, use);
  }

  /** The base that the card names, in whoever's part of it. */
  private static CardBase base(CardFile file, ObjectNode own, Path directory) {
    String id = own.path(ModelCard.BASE_MODEL).asText("");
    if (id.isEmpty()) {
      id = file.everything().path(ModelCard.BASE_MODEL).asText("");
    }
    return HubPlace.isId(id) ? CardBase.named(id).withId(id) : FoundCard.of(directory).base();
  }
}
