/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.tlora.cli.doctor.Examination;
import org.tlora.cli.doctor.LibraryReport;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tlora doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Say whether this machine can train, what will be slow, and what to do about it: a line for"
            + " everything that was looked at. Exit status 0 if it can, 4 if not.")
public final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print a JSON object instead of text for people.")
  private boolean json;

  @Option(
      names = "--load-libraries",
      hidden = true,
      description = "Load the native libraries and print what they are: for the doctor itself.")
  private boolean loadLibraries;

  @Override
  public Integer call() {
    if (loadLibraries) {
      System.out.println(Json.compact(LibraryReport.write()));
      return 0;
    }
    Examination found = Examination.ofThisMachine();
    System.out.print(json ? Json.pretty(found.json()) : found.text());
    Optional<String> fault = found.fault();
    if (fault.isPresent()) {
      throw new RunFault("this machine cannot train: " + fault.get());
    }
    return 0;
  }
}
