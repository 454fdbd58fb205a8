/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.pretrained.PretrainedModel;

/**
 * What is known of the model that another was made from.
 *
 * @param id on the hub, or null
 * @param commit on the hub, or null
 * @param name what a reader calls it: its id, or else the name of its file or directory alone
 * @param license or null where nothing says it
 * @param digest SHA-256 of its configuration and weights, where it is on no hub; or null
 */
public record CardBase(String id, String commit, String name, License license, String digest) {
  private static final Pattern HUB = Pattern.compile("https://huggingface\\.co/([^/]+/[^/]+?)/?");

  /** That of a model on disk. */
  public static CardBase of(PretrainedModel model) {
    return model.gguf() == null
        ? ofDirectory(model.path(), model.config())
        : ofGguf(model.path(), model.gguf().metadata());
  }

  private static CardBase ofDirectory(Path path, ObjectNode config) {
    Optional<HubPlace> place = HubPlace.of(path);
    String id = place.map(HubPlace::id).orElse(null);
    Path readme = path.resolve(CardFile.NAME);
    License license =
        Files.isRegularFile(readme) ? License.ofCard(FrontMatter.ofOther(readme), id) : null;
    if (license == null) {
      license = License.ofCard(config, id);
    }
    return new CardBase(
        id, place.map(HubPlace::commit).orElse(null), name(id, path), license, null);
  }

  /** A GGUF file says what it was made from. */
  static CardBase ofGguf(Path path, Map<String, Object> metadata) {
    String id = HubPlace.of(path).map(HubPlace::id).orElse(null);
    if (id == null
        && metadata.get("general.base_model.0.repo_url") instanceof String address
        && HUB.matcher(address).matches()) {
      Matcher m = HUB.matcher(address);
      id = m.matches() && HubPlace.isId(m.group(1)) ? m.group(1) : null;
    }
    String name = name(null, path);
    return new CardBase(
        id, null, id == null ? name : id + " (" + name + ")", License.ofGguf(metadata), null);
  }

  /** One of which a configuration alone tells, such as an adapter's. */
  static CardBase named(String text) {
    Path path = CardFile.path(text);
    boolean id = HubPlace.isId(text) && (path == null || !Files.exists(path));
    return id
        ? new CardBase(text, null, text, null, null)
        : new CardBase(null, null, path == null ? "" : name(null, path), null, null);
  }

  private static String name(String id, Path path) {
    return id != null ? id : String.valueOf(path.toAbsolutePath().normalize().getFileName());
  }

  /** The same with an id that somebody has named. */
  public CardBase withId(String named) {
    return named == null || named.equals(id)
        ? this
        : new CardBase(named, null, named, license, digest);
  }

  /** The same with a digest of its contents. */
  public CardBase withDigest(String sha256) {
    return new CardBase(id, commit, name, license, sha256);
  }
}
