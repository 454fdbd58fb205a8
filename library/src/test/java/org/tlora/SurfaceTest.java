/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What programs can use: a change to it shows as a change to {@code docs/surface.txt}. {@code
 * -Dtlora.surface=write} writes the file anew.
 */
class SurfaceTest {
  private static final Pattern EXPORTED = Pattern.compile("exports ([\\w.]+);");
  private static final Pattern OURS = Pattern.compile("org\\.tlora(?:\\.[a-z]+)*(?=\\.[A-Z])");

  private final Path root = Path.of(System.getProperty("tlora.root", ".."));

  private Set<String> exported() throws IOException {
    Set<String> packages = new TreeSet<>();
    for (String module : List.of("core", "evaluate", "library")) {
      String text = Files.readString(root.resolve(module + "/src/main/java/module-info.java"));
      Matcher m = EXPORTED.matcher(text);
      while (m.find()) {
        packages.add(m.group(1));
      }
    }
    return packages;
  }

  private static final class Ours {
    /** Read once: it takes seconds. */
    static final JavaClasses CLASSES =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(new ImportOption.DoNotIncludePackageInfos())
            .importPackages("org.tlora");
  }

  private List<Class<?>> classes(Set<String> packages) {
    List<Class<?>> all = new ArrayList<>();
    for (JavaClass c : Ours.CLASSES) {
      if (packages.contains(c.getPackageName()) && !isOfTests(c)) {
        Class<?> reflected = c.reflect();
        if (isSeen(reflected)) {
          all.add(reflected);
        }
      }
    }
    all.sort(java.util.Comparator.comparing(Class::getName));
    return all;
  }

  /** In a directory of tests, or in a jar of them. */
  private static boolean isOfTests(JavaClass c) {
    return c.getSource().toString().matches(".*(/test/|/test-classes/|-tests\\.jar).*");
  }

  private static boolean isSeen(Class<?> c) {
    for (Class<?> at = c; at != null; at = at.getEnclosingClass()) {
      if (!Modifier.isPublic(at.getModifiers()) && !Modifier.isProtected(at.getModifiers())) {
        return false;
      }
    }
    return !c.isAnonymousClass() && !c.isSynthetic();
  }

  private static boolean isSeen(Class<?> c, Member member) {
    int m = member.getModifiers();
    return !member.isSynthetic()
        && (Modifier.isPublic(m)
            || (Modifier.isProtected(m) && !Modifier.isFinal(c.getModifiers())));
  }

  private static List<String> members(Class<?> c) {
    Set<String> lines = new TreeSet<>();
    for (Field f : c.getDeclaredFields()) {
      if (isSeen(c, f)) {
        lines.add(f.toGenericString());
      }
    }
    for (Executable e :
        Stream.<Executable>concat(
                Arrays.stream(c.getDeclaredConstructors()), Arrays.stream(c.getDeclaredMethods()))
            .toList()) {
      boolean bridge = e instanceof Method m && m.isBridge();
      if (isSeen(c, e) && !bridge && !(e instanceof Constructor<?> && c.isEnum())) {
        lines.add(e.toGenericString());
      }
    }
    lines.removeIf(l -> l.contains(" values()") || l.contains(".valueOf(java.lang.String)"));
    return List.copyOf(lines);
  }

  @Test
  void whatIsExportedIsWhatTheFileSays() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Class<?> c : classes(exported())) {
      text.append(c.toGenericString()).append('\n');
      members(c).forEach(m -> text.append("  ").append(m).append('\n'));
    }
    Path file = root.resolve("docs/surface.txt");
    if (System.getProperty("tlora.surface", "").equals("write")) {
      Files.writeString(file, text);
    }
    assertEquals(Files.readString(file), text.toString());
  }

  @Test
  void signaturesHaveOnlyWhatIsExportedAndNoLibrarysTypes() throws IOException {
    Set<String> packages = exported();
    Set<String> others = new TreeSet<>();
    for (Class<?> c : classes(packages)) {
      List<String> lines = new ArrayList<>(members(c));
      lines.add(String.valueOf(c.getGenericSuperclass()));
      Arrays.stream(c.getGenericInterfaces()).forEach(i -> lines.add(i.toString()));
      for (String line : lines) {
        Matcher m = OURS.matcher(line);
        while (m.find()) {
          if (!packages.contains(m.group())) {
            others.add(c.getName() + " shows " + m.group() + " in " + line);
          }
        }
        if (line.contains("com.fasterxml") || line.contains("org.bytedeco")) {
          others.add(c.getName() + " shows a library's type in " + line);
        }
      }
    }
    assertEquals("", String.join("\n", others));
  }
}
