/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.method.PeftMethods;

/** Each method has its page, and each page says all of the method's options. */
class MethodPagesTest {
  private static final Path PAGES = Path.of("..", "docs", "methods");

  static Stream<PeftMethod> methods() {
    return PeftMethods.all().stream();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aPageSaysAllOptions(PeftMethod method) throws IOException {
    String page = Files.readString(PAGES.resolve(method.name() + ".md"));
    assertTrue(page.contains(": `--method " + method.name() + "`\n"), page);
    for (String part : new String[] {"| formula |", "| source |", "| cost |", "| trains |"}) {
      assertTrue(page.contains(part) || method.trainsBase(), method.name() + ": " + part);
    }
    String options =
        page.lines().filter(l -> l.startsWith("| options |")).collect(Collectors.joining());
    method
        .options()
        .forEach(o -> assertTrue(options.contains("`--" + o.name()), o.name() + ": " + options));
    String list = Files.readString(PAGES.resolve("README.md"));
    assertTrue(list.contains("(" + method.name() + ".md)"), method.name());
  }

  @Test
  void thereIsNoPageTooMany() throws IOException {
    Set<String> known = new TreeSet<>(PeftMethods.names());
    known.add("README");
    try (Stream<Path> files = Files.list(PAGES)) {
      assertEquals(
          known,
          files
              .map(f -> f.getFileName().toString().replaceAll("\\.md$", ""))
              .collect(Collectors.toCollection(TreeSet::new)));
    }
  }
}
