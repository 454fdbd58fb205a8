/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tlora.fault.InputFault;
import org.tlora.pretrained.PretrainedModel;

/**
 * Cards of what was written for other programs: nothing was trained, something was put together.
 */
public final class DerivedCard {
  private DerivedCard() {}

  /**
   * That of a model that base and adapter were written as.
   *
   * @param adapter or null
   * @param type of the weights on disk
   * @param rounding what the base's matrices had been rounded to, or null
   */
  public static ModelCard merged(PretrainedModel base, Path adapter, String type, String rounding) {
    CardBase of = CardBase.of(base);
    Group.Builder what = new Group.Builder("What it is").add("base", of.name());
    what.add("commit of the base", of.commit());
    what.add("adapter", adapter == null ? null : name(adapter));
    what.add("type of its weights", type).add("base rounded to", rounding);
    boolean coarser = adapter == null && rounding != null;
    String lead =
        ModelCard.named(of)
            + (adapter == null ? ", written anew by " : " and an adapter as one model, written by ")
            + "TLoRA for the JVM.";
    return of(
        coarser ? ModelCard.Relation.QUANTISED : ModelCard.Relation.FINETUNE,
        of,
        List.of(),
        lead,
        what.build(),
        adapter);
  }

  /**
   * That of an adapter that was brought to one rank for all layers.
   *
   * @param adapter that it was
   */
  public static ModelCard uniform(PretrainedModel base, Path adapter) {
    CardBase of = CardBase.of(base);
    Group.Builder what = new Group.Builder("What it is").add("base", of.name());
    what.add("adapter", name(adapter));
    what.add("form", "one rank for all layers, the scaling within B");
    return of(
        ModelCard.Relation.ADAPTER,
        of,
        List.of("lora"),
        "An adapter for " + ModelCard.named(of) + ", in a form for servers such as vLLM.",
        what.build(),
        adapter);
  }

  /**
   * That of an adapter that was made of others, none of which was trained further.
   *
   * @param directory that it has been written to
   * @param how that was done, in a word or two
   * @param parts the others, and what there is to say of each
   */
  public static ModelCard ofAdapters(Path directory, String how, Map<Path, String> parts) {
    ModelCard found = FoundCard.of(directory);
    Group.Builder what = new Group.Builder("What it is").add("made by", how);
    parts.forEach((path, say) -> what.add("of", name(path) + (say.isEmpty() ? "" : ", " + say)));
    List<Group> groups = new ArrayList<>(List.of(what.build()));
    groups.addAll(found.groups());
    return new ModelCard(
        ModelCard.Relation.ADAPTER,
        found.base(),
        List.of("lora"),
        parts.keySet().stream().flatMap(p -> datasets(p).stream()).distinct().toList(),
        "An adapter for "
            + ModelCard.named(found.base())
            + ", made of "
            + (parts.size() == 1 ? "another one" : "others")
            + " by TLoRA for the JVM.",
        groups,
        List.of());
  }

  private static String name(Path adapter) {
    return HubPlace.of(adapter).map(HubPlace::id).orElse(CardFile.shortName(adapter));
  }

  private static ModelCard of(
      ModelCard.Relation relation,
      CardBase base,
      List<String> tags,
      String lead,
      Group what,
      Path adapter) {
    List<Group> groups = new ArrayList<>(List.of(what));
    if (adapter != null && Files.exists(adapter.resolve("adapter_model.safetensors"))) {
      groups.addAll(FoundCard.of(adapter).groups()); // of MLX's there is nothing that is known
    }
    return new ModelCard(relation, base, tags, datasets(adapter), lead, groups, List.of());
  }

  /** The data sets that an adapter's card names. */
  private static List<String> datasets(Path adapter) {
    List<String> all = new ArrayList<>();
    try {
      if (adapter != null) {
        CardFile.read(adapter)
            .ifPresent(c -> c.everything().path("datasets").forEach(d -> all.add(d.asText())));
      }
    } catch (InputFault e) {
      return List.of(); // a card of somebody's own that says nothing
    }
    return all;
  }
}
