/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A repository on the hub at a revision.
 *
 * @param kind {@code models} or {@code datasets}
 * @param revision a branch, tag or commit
 */
public record HubId(String kind, String owner, String name, String revision) {
  private static final Pattern MODEL =
      Pattern.compile("([\\w.-]+)/([\\w.-]+)(?:@([\\w./-]+))?", Pattern.UNICODE_CHARACTER_CLASS);

  /** Where data sets are kept as Parquet, whatever their own format. */
  private static final String PARQUET = "refs/convert/parquet";

  /** A model's id, {@code owner/name[@revision]}; nothing if it is none. */
  public static Optional<HubId> model(String text) {
    Matcher m = MODEL.matcher(text);
    if (!m.matches() || isDots(m.group(1)) || isDots(m.group(2))) {
      return Optional.empty();
    }
    String revision = m.group(3) == null ? "main" : m.group(3);
    return Optional.of(new HubId("models", m.group(1), m.group(2), revision));
  }

  /** A data set's id, {@code owner/name}, in its Parquet form, which has no other revisions. */
  static Optional<HubId> parquet(String text) {
    return model(text)
        .filter(id -> !text.contains("@"))
        .map(id -> new HubId("datasets", id.owner, id.name, PARQUET));
  }

  private static boolean isDots(String part) {
    return part.chars().allMatch(c -> c == '.');
  }

  /** {@code owner/name}. */
  public String path() {
    return owner + "/" + name;
  }

  /** The folder in the cache. */
  String folder() {
    return kind + "--" + owner + "--" + name;
  }

  /** The path of its files below the endpoint. */
  String filesPath() {
    return (kind.equals("datasets") ? "datasets/" : "") + path();
  }

  @Override
  public String toString() {
    return path() + (revision.equals("main") || revision.equals(PARQUET) ? "" : "@" + revision);
  }
}
