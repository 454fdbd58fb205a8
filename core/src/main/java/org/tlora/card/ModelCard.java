/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;

/**
 * What there is to say of an adapter or a model that was made from another.
 *
 * @param relation to its base, as the hub calls it
 * @param tags for the hub
 * @param datasets ids of data sets of the hub that it was trained on; nothing else is one
 * @param lead a sentence about what it is
 * @param groups figures for people
 * @param unknown what a reader should not look for, a sentence each
 */
public record ModelCard(
    Relation relation,
    CardBase base,
    List<String> tags,
    List<String> datasets,
    String lead,
    List<Group> groups,
    List<String> unknown) {
  static final String BASE_MODEL = "base_model";
  static final String PIPELINE = "pipeline_tag";

  /** What is said where the base has no id that is known. */
  static final String NO_BASE = "- Where the base is on the hub, if it is.";

  /** What is said where nothing tells the license. */
  static final String NO_LICENSE =
      "- The license: that of the base is not known here, and applies to this too.";

  /** What is said where nobody has named a language. */
  static final String NO_LANGUAGE = "- In which languages it was trained.";

  /** What a model is to its base. */
  public enum Relation {
    /** It is put on top of it. */
    ADAPTER("adapter"),
    /** It is one with other weights. */
    FINETUNE("finetune"),
    /** It is the same with coarser weights. */
    QUANTISED("quantized");

    private final String label;

    Relation(String label) {
      this.label = label;
    }
  }

  /** Keeps copies of the lists. */
  public ModelCard {
    tags = List.copyOf(tags);
    datasets = List.copyOf(datasets);
    groups = List.copyOf(groups);
    unknown = List.copyOf(unknown);
  }

  /**
   * Writes it beside what it is about, or into the parts of a card that are not its user's. Scores
   * of an earlier state of it are gone.
   *
   * @param directory that an adapter or a model is in
   * @return what a user should know: that a README of their own was left as it is
   * @throws org.tlora.fault.RunFault if it cannot be written
   */
  public Optional<String> write(Path directory) {
    try {
      Optional<CardFile> there = CardFile.read(directory);
      if (there.isPresent() && !there.get().isOurs()) {
        return Optional.of(
            directory.resolve(CardFile.NAME) + " is somebody's own: it is left as it is");
      }
      file(directory, there).write(directory);
      return Optional.empty();
    } catch (InputFault e) {
      return Optional.of(e.getMessage() + "; it is left as it is");
    }
  }

  /** A file with it. */
  CardFile file(Path directory, Optional<CardFile> there) {
    Kind kind = Kind.of(directory);
    Usage usage = Usage.of(directory, kind);
    String name = CardFile.shortName(directory);
    CardFile file = there.orElseGet(() -> CardFile.titled(name, name));
    boolean isNew = there.isEmpty();
    file = file.withMetadata(metadata(kind, usage));
    file = put(file, CardFile.CARD, text(), isNew);
    file = put(file, CardFile.USE, usage.text(base, name, false), isNew);
    return put(file, CardFile.SCORES, Score.text(List.of()), isNew);
  }

  private static CardFile put(CardFile file, String part, String text, boolean isNew) {
    return isNew ? file.withAtEnd(part, text) : file.with(part, text);
  }

  private ObjectNode metadata(Kind kind, Usage usage) {
    ObjectNode all = Json.object();
    putBase(all, base);
    all.put("base_model_relation", relation.label);
    if (kind.library() != null) {
      all.put("library_name", kind.library());
    }
    all.put(PIPELINE, usage.task());
    if (base.license() != null) {
      base.license().addTo(all);
    }
    putList(all, "datasets", datasets);
    putList(all, "tags", tags);
    return all;
  }

  /** A base that is on the hub; of another one nothing, since the hub knows ids alone. */
  static void putBase(ObjectNode metadata, CardBase base) {
    if (base.id() != null) {
      metadata.put(BASE_MODEL, base.id());
    }
  }

  static void putList(ObjectNode metadata, String name, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = metadata.putArray(name);
      values.forEach(array::add);
    }
  }

  private String text() {
    StringBuilder all = new StringBuilder(lead.strip()).append('\n');
    for (Group group : groups) {
      if (!group.figures().isEmpty()) {
        all.append("\n## ").append(Markdown.line(group.title())).append("\n\n");
        all.append(Markdown.table(group.figures()));
      }
    }
    all.append("\n## What is not known\n\n");
    if (base.id() == null) {
      all.append(NO_BASE).append('\n');
    }
    if (base.license() == null) {
      all.append(NO_LICENSE).append('\n');
    }
    all.append(NO_LANGUAGE).append('\n');
    unknown.forEach(line -> all.append("- ").append(line).append('\n'));
    all.append("- What is in the data beyond what is said above.\n");
    all.append("- How it does on anything that is not under Scores, and what it is not fit for.\n");
    return all.toString();
  }

  /** A base as a sentence names it. */
  public static String named(CardBase base) {
    return base.id() == null
        ? Markdown.line(base.name())
        : "[" + Markdown.line(base.name()) + "](https://huggingface.co/" + base.id() + ")";
  }
}
