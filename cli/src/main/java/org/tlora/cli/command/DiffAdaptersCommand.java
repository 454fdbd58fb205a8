/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.tlora.cli.option.HubOption;
import org.tlora.cli.terminal.Columns;
import org.tlora.cli.terminal.Progress;
import org.tlora.format.Json;
import org.tlora.loading.HubFiles;
import org.tlora.peft.delta.AdapterComparison;
import org.tlora.peft.delta.AdapterDifference;
import org.tlora.peft.delta.AdapterDifference.BesideDifference;
import org.tlora.peft.delta.AdapterDifference.SettingDifference;
import org.tlora.peft.delta.Distance;
import org.tlora.peft.delta.ModuleDifference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tlora adapters diff}. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Say how far two adapters are apart: what they add to each module's weight, what they bring"
            + " beside that, and their configurations.")
public final class DiffAdaptersCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "A",
      description = "An adapter in PEFT's or MLX's format, also owner/name of the hub.")
  private String a;

  @Parameters(index = "1", paramLabel = "B", description = "The other one.")
  private String b;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Mixin private HubOption hub;

  @Override
  public Integer call() {
    HubFiles files = hub.files();
    AdapterDifference difference = AdapterComparison.of(files.model(a), files.model(b));
    if (json) {
      System.out.print(Json.pretty(asJson(difference)));
    } else {
      difference.notes().forEach(new Progress()::message);
      System.out.print(asText(difference));
    }
    return 0;
  }

  private static String asText(AdapterDifference d) {
    Columns modules =
        new Columns(
            "", "rank A", "rank B", "‖A‖", "‖B‖", "‖A−B‖/‖A‖", "cosine", "inputs", "outputs");
    for (ModuleDifference m : d.modules()) {
      modules.row(
          m.module(),
          rank(m.rankA()),
          rank(m.rankB()),
          Columns.number(m.distance().normA()),
          Columns.number(m.distance().normB()),
          Columns.number(m.distance().relative()),
          Columns.number(m.distance().cosine()),
          angles(m.inputAngles()),
          angles(m.outputAngles()));
    }
    Distance total = d.total();
    modules.row(
        "all",
        "",
        "",
        Columns.number(total.normA()),
        Columns.number(total.normB()),
        Columns.number(total.relative()),
        Columns.number(total.cosine()),
        "",
        "");
    StringBuilder out = new StringBuilder(modules.toString());
    d.besides().forEach(beside -> out.append(asText(beside)));
    for (SettingDifference s : d.settings()) {
      out.append(s.key()).append(": ").append(value(s.a())).append(" in A, ");
      out.append(value(s.b())).append(" in B\n");
    }
    return out.toString();
  }

  private static String asText(BesideDifference beside) {
    String what =
        beside.distance() == null
            ? beside.remark()
            : "‖A−B‖/‖A‖ = " + Columns.number(beside.distance().relative());
    return beside.name() + ": " + what + "\n";
  }

  private static String rank(long rank) {
    return rank == 0 ? "–" : "" + rank;
  }

  private static String value(String json) {
    return json == null ? "–" : json;
  }

  /** The smallest and the greatest. */
  private static String angles(List<Double> degrees) {
    return degrees.isEmpty()
        ? "–"
        : String.format(Locale.ROOT, "%.1f–%.1f°", degrees.get(0), degrees.get(degrees.size() - 1));
  }

  private static ObjectNode asJson(AdapterDifference d) {
    ObjectNode out = Json.object();
    put(out.putObject("total"), d.total());
    ObjectNode modules = out.putObject("modules");
    for (ModuleDifference m : d.modules()) {
      ObjectNode module = modules.putObject(m.module());
      module.put("rank_a", m.rankA()).put("rank_b", m.rankB());
      put(module, m.distance());
      put(module.putArray("input_angles"), m.inputAngles());
      put(module.putArray("output_angles"), m.outputAngles());
    }
    ObjectNode besides = out.putObject("beside");
    for (BesideDifference b : d.besides()) {
      ObjectNode beside = besides.putObject(b.name());
      if (b.distance() == null) {
        beside.put("remark", b.remark());
      } else {
        put(beside, b.distance());
      }
    }
    ObjectNode settings = out.putObject("configuration");
    for (SettingDifference s : d.settings()) {
      ObjectNode key = settings.putObject(s.key());
      key.set("a", s.a() == null ? null : Json.parse(s.a(), s.key()));
      key.set("b", s.b() == null ? null : Json.parse(s.b(), s.key()));
    }
    ArrayNode notes = out.putArray("notes");
    d.notes().forEach(notes::add);
    return out;
  }

  private static void put(ObjectNode out, Distance distance) {
    out.put("norm_a", distance.normA()).put("norm_b", distance.normB());
    out.put("difference", distance.difference());
    put(out, "relative_difference", distance.relative());
    put(out, "cosine", distance.cosine());
  }

  private static void put(ObjectNode out, String key, double value) {
    if (Double.isNaN(value)) {
      out.putNull(key);
    } else {
      out.put(key, value);
    }
  }

  private static void put(ArrayNode out, List<Double> values) {
    values.forEach(out::add);
  }
}
