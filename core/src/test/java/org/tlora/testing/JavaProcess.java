/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs of tests in a Java of their own, with the class path of the test. */
public final class JavaProcess {
  private JavaProcess() {}

  /**
   * One that is still to be started.
   *
   * @param options of the virtual machine
   * @param arguments of the program
   */
  public static ProcessBuilder of(Class<?> main, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }
}
