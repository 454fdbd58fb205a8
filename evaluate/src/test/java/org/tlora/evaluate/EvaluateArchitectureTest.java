/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import org.tlora.ArchitectureTest;

/** The arrows of evaluation and comparison, as those of the library. */
@AnalyzeClasses(
    packages = {"org.tlora.evaluate", "org.tlora.compare"},
    importOptions = ImportOption.DoNotIncludeTests.class)
class EvaluateArchitectureTest {
  @ArchTest
  static void everyArrowIsAllowed(JavaClasses classes) {
    ArchitectureTest.check(classes);
  }
}
