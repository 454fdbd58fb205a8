/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Packages depend on each other in one direction only, the one that data flows in. */
@AnalyzeClasses(packages = "org.tlora", importOptions = ImportOption.DoNotIncludeTests.class)
public class ArchitectureTest {
  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("org.tlora.(**)").should().beFreeOfCycles();

  /**
   * Every arrow that is allowed, a package a line, from the ground up: what may use what. A new
   * arrow is a line here that somebody has thought about.
   */
  private static final Map<String, String> ARROWS =
      Map.ofEntries(
          entry("fault", ""),
          entry("run", ""),
          entry("engine", "fault"),
          entry("autograd", "engine"),
          entry("vector", ""),
          entry("quantise.block", "vector"),
          entry("quantise", "engine fault quantise.block vector"),
          entry("format", "engine fault quantise quantise.block"),
          entry("collective", "engine fault format"),
          entry("http", ""),
          entry("hub", "fault format http"),
          entry("checkpoint", "fault format"),
          entry("text.guard", "fault"),
          entry("text", "fault format text.guard"),
          entry("text.chat", "fault format"),
          entry("data", "fault format"),
          entry("data.format", "data fault format text.chat"),
          entry("data.file", "data.format fault format text"),
          entry("data.encode", "data data.file data.format engine fault format text text.chat"),
          entry("model.weight", "engine fault"),
          entry("model", "autograd data engine fault model.weight quantise"),
          entry("model.family", "fault format model"),
          entry("model.gguf", "engine fault format model model.family quantise"),
          entry(
              "pretrained",
              "data data.encode engine fault format model model.family model.gguf quantise "
                  + " text text.chat vector"),
          entry("card", "fault format pretrained"),
          entry("objective", "autograd data engine model"),
          entry("calibrate", "autograd collective data engine fault model objective run"),
          entry("train", "autograd collective data data.encode engine fault model objective run"),
          entry("generate", "autograd engine fault model"),
          entry("constrain", "fault format generate text"),
          entry("toolcall", "constrain fault format generate text text.chat"),
          entry("peft.adapter", "autograd engine fault model"),
          entry("peft", "calibrate engine fault model peft.adapter train"),
          entry("peft.method", "autograd calibrate engine fault model peft peft.adapter train"),
          entry("peft.disk", "autograd calibrate data engine fault format model peft peft.adapter"),
          entry("peft.combine", "card engine fault peft peft.adapter peft.disk"),
          entry("peft.delta", "card engine fault peft peft.adapter peft.disk"),
          entry(
              "export",
              "data engine fault format model model.family model.gguf peft.adapter "
                  + " peft.disk pretrained text text.chat"),
          entry("share", "card fault format hub peft.disk pretrained"),
          entry("evaluate.task", "data fault"),
          entry(
              "evaluate",
              "collective data data.file data.format engine evaluate.task fault format generate"
                  + " model  pretrained text"),
          entry("evaluate.judge", "data.format evaluate fault format generate http text text.chat"),
          entry(
              "tune",
              "autograd calibrate card checkpoint collective data data.encode data.file data.format"
                  + "  engine export fault format generate model model.family model.weight"
                  + " objective peft  peft.adapter peft.disk pretrained run text train"),
          entry(
              "plan",
              "autograd calibrate checkpoint data data.encode engine fault generate model peft"
                  + " pretrained quantise run train tune"),
          entry(
              "report",
              "autograd card data data.encode engine fault format generate model peft peft.adapter"
                  + " pretrained run text train tune"),
          entry("track", "fault format http run"),
          entry(
              "compare",
              "calibrate card checkpoint collective data data.format engine evaluate evaluate.task"
                  + " fault format model objective peft peft.method report run train tune"),
          entry(
              "quickstart",
              "autograd calibrate data data.encode data.format engine fault format "
                  + " generate model peft peft.method pretrained report run text train tune"),
          entry(
              "loading",
              "data data.file engine fault hub model model.family model.weight peft.disk "
                  + " peft.method pretrained run"),
          entry(
              "(facade)",
              "calibrate card checkpoint collective compare constrain data data.encode data.file"
                  + " data.format engine evaluate evaluate.task export fault format generate hub"
                  + " loading model model.family model.weight objective peft peft.disk peft.method"
                  + " plan pretrained report run share text text.chat toolcall track train tune"),
          entry("serve.http", "fault format"),
          entry("serve.api", "(facade) fault format generate"),
          entry("serve.store", "fault format"),
          entry("serve.job", "(facade) fault format report run serve.api serve.store"),
          entry(
              "serve",
              "(facade) checkpoint fault format generate report run serve.api serve.http serve.job "
                  + " serve.store"),
          entry("langchain4j", "(facade) fault generate"),
          entry("cli.terminal", "collective data engine fault format run text"),
          entry(
              "cli.option",
              "(facade) card cli.terminal collective data data.encode data.format engine "
                  + " evaluate.judge fault format hub loading model.weight peft peft.method "
                  + " pretrained run train"),
          entry(
              "cli.look",
              "checkpoint cli.option cli.terminal data data.encode data.file data.format engine "
                  + " fault format model peft.disk pretrained report run text text.chat train"
                  + " tune"),
          entry(
              "cli.watch",
              "checkpoint cli.look cli.option fault format report run serve.http text tune"),
          entry("cli.reproduce", "compare data.file data.format fault format peft peft.method"),
          entry("cli.doctor", "cli.terminal engine fault format hub text vector"),
          entry(
              "cli.command",
              "(facade) checkpoint cli.doctor cli.look cli.option cli.reproduce cli.terminal cli.watch"
                  + " collective compare data data.encode data.file data.format engine evaluate"
                  + " evaluate.judge fault format generate loading model peft.combine peft.delta peft.disk"
                  + " pretrained quickstart report run serve text text.chat tune"),
          entry("cli", "card cli.command cli.option cli.terminal collective fault"));

  @ArchTest
  static void everyArrowIsAllowed(JavaClasses classes) {
    check(classes);
  }

  /** Also for other modules, whose classes are not seen from here. */
  public static void check(JavaClasses classes) {
    Set<String> others = new TreeSet<>();
    for (JavaClass c : classes) {
      String from = room(c);
      for (Dependency d : c.getDirectDependenciesFromSelf()) {
        String to = room(d.getTargetClass());
        boolean ours =
            d.getTargetClass().getPackageName().startsWith("org.tlora")
                && !Set.of("benchmarks", "examples").contains(from);
        if (ours && !from.equals(to) && !allowed(from).contains(to)) {
          others.add(from + " -> " + to + " by " + c.getSimpleName());
        }
      }
    }
    assertEquals(Set.of(), others);
  }

  private static Set<String> allowed(String from) {
    return Set.of(ARROWS.getOrDefault(from, "").split(" +"));
  }

  /** The package without what all have in common; of the façade, {@code (facade)}. */
  private static String room(JavaClass c) {
    String room = c.getPackageName().replaceFirst("org\\.tlora\\.?", "");
    return room.isEmpty() ? "(facade)" : room;
  }

  @ArchTest
  static final ArchRule ONLY_THE_ENGINE_KNOWS_LIBTORCH =
      ArchRuleDefinition.noClasses()
          .that()
          .resideOutsideOfPackage("org.tlora.engine")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bytedeco..");

  @ArchTest
  static final ArchRule METHODS_ARE_KNOWN_BY_THEIR_REGISTRY_ALONE =
      ArchRuleDefinition.noClasses()
          .that()
          .resideOutsideOfPackages("org.tlora.peft.method", "org.tlora") // the façade names each
          .should()
          .dependOnClassesThat(
              DescribedPredicate.describe(
                  "are methods",
                  (JavaClass c) ->
                      c.getPackageName().equals("org.tlora.peft.method")
                          && !c.getSimpleName().equals("PeftMethods")));

  /** Nothing from a file becomes an object of any class, or code. */
  @ArchTest
  static final ArchRule NOTHING_IS_DESERIALISED =
      ArchRuleDefinition.noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.io\\.ObjectInput.*|java\\.beans\\.XML.*|javax\\.script\\..*"
                  + "|java\\.rmi\\..*|java\\.net\\.URLClassLoader"
                  + "|com\\.fasterxml\\.jackson\\.databind\\.jsontype\\..*")
          .orShould()
          .callMethodWhere(
              JavaCall.Predicates.target(
                  HasName.Predicates.nameMatching(
                      "defineClass|activateDefaultTyping.*|enableDefaultTyping.*")));

  /** What a run does depends on a monotonic clock alone: setting the time changes nothing. */
  @ArchTest
  static final ArchRule NO_WALL_CLOCK_IN_RUNS =
      ArchRuleDefinition.noClasses()
          .that()
          .resideInAnyPackage(
              "org.tlora.train..",
              "org.tlora.tune..",
              "org.tlora.checkpoint..",
              "org.tlora.compare..",
              "org.tlora.generate..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .dependOnClassesThat()
          .resideInAPackage("java.time..");

  @ArchTest
  static final ArchRule NO_STATIC_STATE =
      ArchRuleDefinition.fields().that().areStatic().should().haveModifier(JavaModifier.FINAL);
}
