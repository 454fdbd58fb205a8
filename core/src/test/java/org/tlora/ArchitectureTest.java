package org.tlora;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;

/** Packages depend on each other in one direction only, the one that data flows in. */
@AnalyzeClasses(packages = "org.tlora", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("org.tlora.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule DEPENDENCIES_POINT_DOWN =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("quickstart")
          .definedBy("org.tlora.quickstart..")
          .layer("compare")
          .definedBy("org.tlora.compare..")
          .layer("tune")
          .definedBy("org.tlora.tune..")
          .layer("outcome")
          .definedBy(
              "org.tlora.report..",
              "org.tlora.evaluate..",
              "org.tlora.export..",
              "org.tlora.checkpoint..")
          .layer("use")
          .definedBy("org.tlora.train..", "org.tlora.generate..")
          .layer("peft")
          .definedBy("org.tlora.peft..")
          .layer("calibrate")
          .definedBy("org.tlora.calibrate..")
          .layer("model")
          .definedBy("org.tlora.model..")
          .layer("data")
          .definedBy("org.tlora.data..", "org.tlora.text..")
          .layer("base")
          .definedBy(
              "org.tlora.format..",
              "org.tlora.hub..",
              "org.tlora.autograd..",
              "org.tlora.engine..",
              "org.tlora.fault..")
          .whereLayer("quickstart")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("compare")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("tune")
          .mayOnlyBeAccessedByLayers("quickstart", "compare")
          .whereLayer("outcome")
          .mayOnlyBeAccessedByLayers("quickstart", "compare", "tune")
          .whereLayer("use")
          .mayOnlyBeAccessedByLayers("quickstart", "compare", "tune", "outcome")
          .whereLayer("peft")
          .mayOnlyBeAccessedByLayers("quickstart", "compare", "tune", "outcome", "use")
          .whereLayer("calibrate")
          .mayOnlyBeAccessedByLayers("quickstart", "compare", "tune", "outcome", "use", "peft")
          .whereLayer("model")
          .mayOnlyBeAccessedByLayers(
              "quickstart", "compare", "tune", "outcome", "use", "peft", "calibrate");

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
          .resideOutsideOfPackage("org.tlora.peft.method")
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
