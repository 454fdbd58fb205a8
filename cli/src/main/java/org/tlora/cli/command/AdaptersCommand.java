/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import picocli.CommandLine.Command;

/** {@code tlora adapters}, whose subcommands do what it is for. */
@Command(
    name = "adapters",
    mixinStandardHelpOptions = true,
    description = "Combine, compare and resize adapters; no model is needed.",
    subcommands = {
      CombineAdaptersCommand.class,
      DiffAdaptersCommand.class,
      ResizeAdapterCommand.class
    })
public final class AdaptersCommand {}
