/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import org.tlora.ArchitectureTest;

/** The arrows of the server, as those of what is below it. */
@AnalyzeClasses(packages = "org.tlora.serve", importOptions = ImportOption.DoNotIncludeTests.class)
class ServeArchitectureTest {
  @ArchTest
  static void everyArrowIsAllowed(JavaClasses classes) {
    ArchitectureTest.check(
        classes.that(
            new DescribedPredicate<JavaClass>("are of the server") {
              @Override
              public boolean test(JavaClass c) {
                return c.getPackageName().startsWith("org.tlora.serve");
              }
            }));
  }
}
