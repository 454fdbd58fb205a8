/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What tests read that they did not make. Golden numbers are committed, below {@code golden} of the
 * repository. Models and data, and the numbers that are of use only with them, are in a folder
 * beside the checkout, or where the property {@code tlora.shared} says. Where that is absent, tests
 * that ask for it are skipped and say so; with the environment variable {@code
 * TLORA_REQUIRE_SHARED} they fail.
 */
public final class Shared {
  /** Lies below golden in the repository, and beside it in the shared folder. */
  static final String CASES = "cases/";

  private Shared() {}

  /** A file or folder: of the repository if it is there below golden, else of the shared folder. */
  public static Path path(String relative) {
    boolean ofCase = relative.startsWith(CASES);
    Path committed = repository().resolve(ofCase ? "golden/" + relative : relative);
    boolean copied = ofCase || relative.startsWith("golden/");
    return copied && Files.exists(committed) ? committed : outside(relative);
  }

  /** The golden numbers of the repository. */
  static Path committed() {
    return repository().resolve("golden");
  }

  /** A file or folder below the shared folder, whatever the repository has. */
  static Path outside(String relative) {
    Path path = root().resolve(relative);
    if (!Files.exists(path)) {
      String message = "skipped: " + path + " is absent (see -Dtlora.shared)";
      if (System.getenv("TLORA_REQUIRE_SHARED") != null) {
        fail(message.replace("skipped", "TLORA_REQUIRE_SHARED is set, but"));
      }
      System.err.println(message);
      assumeTrue(false, message);
    }
    return path;
  }

  /** The root of the repository. */
  public static Path repository() {
    String property = System.getProperty("tlora.root", "");
    if (!property.isEmpty()) {
      return Path.of(property);
    }
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("golden/README.md"))) {
      directory = directory.getParent();
      if (directory == null) {
        return fail("no golden/README.md in the working directory or above (see -Dtlora.root)");
      }
    }
    return directory;
  }

  private static Path root() {
    String property = System.getProperty("tlora.shared", "");
    if (!property.isEmpty() && !property.startsWith("${")) {
      return Path.of(property);
    }
    Path directory = Path.of("").toAbsolutePath();
    while (directory != null) {
      Path sibling = directory.resolveSibling("shared");
      if (Files.isDirectory(sibling.resolve("golden"))) {
        return sibling;
      }
      directory = directory.getParent();
    }
    return Path.of("../shared").toAbsolutePath().normalize();
  }
}
