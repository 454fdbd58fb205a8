/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import java.nio.file.Path;

/** What models are called where nobody gave them a name. */
final class ModelNames {
  private static final String OF_HUB = "models--";

  private ModelNames() {}

  /** That of the file or folder; of one in the hub's cache, the id there. */
  static String of(Path model) {
    Path path = model.toAbsolutePath().normalize(); // models--OWNER--NAME/snapshots/REVISION
    Path snapshots = path.getParent();
    Path repository = snapshots == null ? null : snapshots.getParent();
    if (repository != null
        && snapshots.endsWith("snapshots")
        && String.valueOf(repository.getFileName()).startsWith(OF_HUB)) {
      String id = repository.getFileName().toString().substring(OF_HUB.length());
      return id.replace("--", "/");
    }
    return String.valueOf(path.getFileName());
  }
}
