/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;

/** The arrows of the façade, as those of what is below it. */
@AnalyzeClasses(packages = "org.tlora", importOptions = ImportOption.DoNotIncludeTests.class)
class LibraryArchitectureTest {
  @ArchTest
  static void everyArrowIsAllowed(JavaClasses classes) {
    ArchitectureTest.check(
        classes.that(
            new DescribedPredicate<JavaClass>("are of the façade") {
              @Override
              public boolean test(JavaClass c) {
                return c.getPackageName().equals("org.tlora");
              }
            }));
  }
}
