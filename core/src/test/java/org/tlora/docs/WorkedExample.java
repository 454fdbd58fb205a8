/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** The worked examples of the pages in docs/, as they stand there. */
public final class WorkedExample {
  private static final Path PAGES = Path.of(System.getProperty("tlora.root", ".."), "docs");
  private static final Pattern NAME =
      Pattern.compile("^(?:public )?(?:final )?(?:class|record) (\\w+)", Pattern.MULTILINE);

  private WorkedExample() {}

  /**
   * A block of code.
   *
   * @param language as it stands behind the fence
   * @param index which of the page's blocks in that language, from 0
   */
  public static String block(String page, String language, int index) throws IOException {
    String text = Files.readString(PAGES.resolve(page));
    Matcher m =
        Pattern.compile("^```" + language + "\\R(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
            .matcher(text);
    for (int i = 0; i <= index; i++) {
      assertTrue(m.find(), page + " has no block " + i + " of " + language);
    }
    return m.group(1);
  }

  /**
   * A class of the page as a user's own, which sees only what is public.
   *
   * @param directory an empty one to compile in
   */
  public static Class<?> compiled(String page, int index, Path directory) throws IOException {
    byte[] code = codeOf(block(page, "java", index), directory);
    return new ClassLoader(WorkedExample.class.getClassLoader()) {
      Class<?> define() {
        return defineClass(null, code, 0, code.length);
      }
    }.define();
  }

  /**
   * A class of the page as one of the project's own package.
   *
   * @param neighbour another class of that package
   */
  public static Class<?> compiledBeside(Class<?> neighbour, String page, int index, Path directory)
      throws IOException, IllegalAccessException {
    byte[] code = codeOf(block(page, "java", index), directory);
    return MethodHandles.privateLookupIn(neighbour, MethodHandles.lookup()).defineClass(code);
  }

  private static byte[] codeOf(String source, Path directory) throws IOException {
    Matcher name = NAME.matcher(source);
    assertTrue(name.find(), source);
    Path file = Files.createDirectories(directory).resolve(name.group(1) + ".java");
    Files.writeString(file, source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String path = System.getProperty("java.class.path");
    String[] arguments = {
      "-cp", path, "-proc:none", "-Xlint:all,-path", "-d", directory.toString(), file.toString()
    };
    assertEquals(0, compiler.run(null, null, null, arguments), "the example compiles");
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> classes = all.filter(p -> p.toString().endsWith(".class")).toList();
      assertEquals(1, classes.size(), "the example is one class");
      return Files.readAllBytes(classes.get(0));
    }
  }
}
