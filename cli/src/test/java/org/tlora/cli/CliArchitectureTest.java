/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import org.tlora.ArchitectureTest;

/** The arrows of the command line, as those of the library. */
@AnalyzeClasses(packages = "org.tlora.cli", importOptions = ImportOption.DoNotIncludeTests.class)
class CliArchitectureTest {
  @ArchTest
  static void everyArrowIsAllowed(JavaClasses classes) {
    ArchitectureTest.check(classes);
  }
}
