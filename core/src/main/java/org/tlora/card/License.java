/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.tlora.fault.UsageFault;

/**
 * Under which conditions a model may be used, as the hub's metadata say it.
 *
 * @param id such as {@code apache-2.0}, or {@code other}
 * @param name of one that the hub has no id for, or null
 * @param link to its text, or null
 */
public record License(String id, String name, String link) {
  private static final String HUB = "https://huggingface.co/";

  /**
   * One that a user names.
   *
   * @throws UsageFault if it is no id of a license
   */
  public static License named(String id) {
    if (!id.matches("[a-z0-9][a-z0-9.-]*")) {
      throw new UsageFault(
          "`license` must be the hub's id of a license, such as apache-2.0, or other, not " + id);
    }
    return new License(id, null, null);
  }

  /**
   * What a model's card says.
   *
   * @param repository of the model on the hub, which a link may be relative to, or null
   * @return null where it says nothing, or several
   */
  static License ofCard(ObjectNode metadata, String repository) {
    JsonNode id = metadata.path("license");
    if (id.isArray() && id.size() == 1) {
      id = id.get(0);
    }
    if (!id.isTextual() || id.asText().isBlank()) {
      return null;
    }
    String link = text(metadata.path("license_link"));
    if (link != null && !link.matches("https?://\\S+")) {
      link = repository == null ? null : HUB + repository + "/blob/main/" + link;
    }
    return new License(id.asText().strip(), text(metadata.path("license_name")), link);
  }

  /** What a GGUF file says; null where it says nothing. */
  static License ofGguf(Map<String, Object> metadata) {
    return metadata.get("general.license") instanceof String id && !id.isBlank()
        ? new License(
            id.strip(),
            metadata.get("general.license.name") instanceof String name ? name : null,
            metadata.get("general.license.link") instanceof String link ? link : null)
        : null;
  }

  private static String text(JsonNode node) {
    return node.isTextual() && !node.asText().isBlank() ? node.asText().strip() : null;
  }

  void addTo(ObjectNode metadata) {
    metadata.put("license", id);
    if (name != null) {
      metadata.put("license_name", name);
    }
    if (link != null) {
      metadata.put("license_link", link);
    }
  }
}
