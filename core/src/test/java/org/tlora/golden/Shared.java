package org.tlora.golden;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder of golden numbers, models and data beside the checkout, or where the property {@code
 * tlora.shared} says. Where it is absent, tests that ask for it are skipped and say so; with the
 * environment variable {@code TLORA_REQUIRE_SHARED} they fail.
 */
public final class Shared {
  private Shared() {}

  /** A file or folder below the shared folder. */
  public static Path path(String relative) {
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
