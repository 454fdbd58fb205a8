/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** This program once more, in another process. */
public final class OwnProgram {
  private static final String MAIN = "org.tlora.cli.Main";

  private OwnProgram() {}

  /** What starts it as this one was started; arguments stand behind it. */
  public static List<String> command() {
    List<String> whole = new ArrayList<>();
    whole.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    whole.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    // no bars that are drawn again and again, no colours: what it says is read by a program
    whole.addAll(List.of("-Dtlora.terminal=false", "-Dtlora.colours=false"));
    whole.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    return whole;
  }
}
