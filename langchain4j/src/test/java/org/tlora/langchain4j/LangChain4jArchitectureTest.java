/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.langchain4j;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.tlora.ArchitectureTest;

/** What this module stands on. */
@AnalyzeClasses(
    packages = "org.tlora.langchain4j",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LangChain4jArchitectureTest {
  @ArchTest
  static final ArchRule ONLY_LANGCHAIN4J_THE_LIBRARY_AND_THE_JDK =
      ArchRuleDefinition.classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("org.tlora..", "dev.langchain4j..", "java..");

  @ArchTest
  static final ArchRule NOTHING_THAT_IS_INTERNAL_TO_LANGCHAIN4J =
      ArchRuleDefinition.noClasses()
          .should()
          .dependOnClassesThat(
              DescribedPredicate.describe(
                  "are internal to LangChain4j",
                  (JavaClass c) ->
                      c.getPackageName().startsWith("dev.langchain4j.internal")
                          || c.isAnnotatedWith("dev.langchain4j.Internal")));

  @ArchTest
  static void everyArrowIsAllowed(JavaClasses classes) {
    ArchitectureTest.check(classes);
  }
}
