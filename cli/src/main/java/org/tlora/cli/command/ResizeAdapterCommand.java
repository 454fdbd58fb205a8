/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.tlora.cli.option.HubOption;
import org.tlora.cli.terminal.Columns;
import org.tlora.cli.terminal.Progress;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.peft.delta.AdapterResizer;
import org.tlora.peft.delta.RankChoice;
import org.tlora.peft.delta.ResizedAdapter;
import org.tlora.peft.delta.ResizedModule;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tlora adapters resize}. */
@Command(
    name = "resize",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Write an adapter at another rank, as near to it as that rank allows, and say how near.")
public final class ResizeAdapterCommand implements Callable<Integer> {
  @Option(
      names = "--adapter",
      required = true,
      paramLabel = "DIR",
      description = "In PEFT's or MLX's format, also owner/name of the hub.")
  private String adapter;

  @Option(
      names = "--rank",
      paramLabel = "R",
      description =
          "The rank of every module. Where it is greater than the present one, the adapter says the"
              + " same and has room for more.")
  private Integer rank;

  @Option(
      names = "--energy",
      paramLabel = "SHARE",
      description =
          "In place of --rank: each module's least rank that keeps so much of the sum of its"
              + " squared singular values, such as 0.99.")
  private Double energy;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The new adapter's directory, in PEFT's format.")
  private Path output;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Mixin private HubOption hub;

  @Override
  public Integer call() {
    if ((rank == null) == (energy == null)) {
      throw new UsageFault("one of --rank and --energy says the new rank");
    }
    RankChoice choice = rank == null ? new RankChoice.Energy(energy) : new RankChoice.Fixed(rank);
    ResizedAdapter resized = AdapterResizer.resize(hub.files().model(adapter), choice, output);
    if (json) {
      System.out.print(Json.pretty(asJson(resized)));
    } else {
      resized.notes().forEach(new Progress()::message);
      System.out.print(asText(resized));
    }
    return 0;
  }

  private static String asText(ResizedAdapter resized) {
    Columns table = new Columns("", "rank", "relative error");
    for (ResizedModule m : resized.modules()) {
      String ranks = m.rankBefore() + " → " + m.rank();
      table.row(m.module(), ranks, Columns.number(m.relativeError()));
    }
    table.row("all", "", Columns.number(resized.relativeError()));
    long padded = resized.modules().stream().filter(ResizedModule::isPadded).count();
    String note =
        padded == 0
            ? ""
            : padded
                + " of "
                + resized.modules().size()
                + " modules had a lesser rank: what was added changes nothing until it is"
                + " trained\n";
    return table + note;
  }

  private static ObjectNode asJson(ResizedAdapter resized) {
    ObjectNode out = Json.object().put("relative_error", resized.relativeError());
    ObjectNode modules = out.putObject("modules");
    for (ResizedModule m : resized.modules()) {
      modules
          .putObject(m.module())
          .put("rank_before", m.rankBefore())
          .put("rank", m.rank())
          .put("padded", m.isPadded())
          .put("relative_error", m.relativeError());
    }
    ArrayNode notes = out.putArray("notes");
    resized.notes().forEach(notes::add);
    return out;
  }
}
