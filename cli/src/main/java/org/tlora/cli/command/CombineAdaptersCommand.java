/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlora.cli.option.AdapterWithWeight;
import org.tlora.cli.option.HubOption;
import org.tlora.cli.terminal.Progress;
import org.tlora.loading.HubFiles;
import org.tlora.peft.combine.AdapterCombiner;
import org.tlora.peft.combine.Combination;
import org.tlora.peft.combine.CombinationSettings;
import org.tlora.peft.combine.Combinations;
import org.tlora.peft.combine.CombinedAdapter;
import org.tlora.peft.combine.KeptMasks;
import org.tlora.peft.combine.SignElection;
import org.tlora.peft.combine.WeightedAdapter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tlora adapters combine}. */
@Command(
    name = "combine",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Make one adapter of several for the same base, as HF PEFT's add_weighted_adapter does.")
public final class CombineAdaptersCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--adapter",
      required = true,
      arity = "1..*",
      paramLabel = "DIR[@WEIGHT]",
      description =
          "Adapters in PEFT's or MLX's format, also owner/name of the hub, each with its weight"
              + " (default: 1), which may be negative.")
  private List<String> adapters = new ArrayList<>();

  @Option(
      names = "--combination",
      required = true,
      paramLabel = "NAME",
      completionCandidates = Names.class,
      description = "How: ${COMPLETION-CANDIDATES}.")
  private String combination;

  @Option(
      names = "--density",
      paramLabel = "D",
      description =
          "The share of the values that is kept, above 0 and up to 1; for all but linear, cat and"
              + " svd.")
  private Double density;

  @Option(
      names = "--sign",
      paramLabel = "total|frequency",
      description =
          "How signs are elected, for the combinations with ties: that of the sum (total, the"
              + " default) or the one that most have (frequency).")
  private SignElection sign;

  @Option(
      names = "--rank",
      paramLabel = "R",
      description =
          "The new adapter's rank, for svd and those that end in _svd (default: the greatest of the"
              + " adapters').")
  private Integer rank;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Where random numbers start, for the combinations with dare (default: 0).")
  private Long seed;

  @Option(
      names = "--base",
      paramLabel = "NAME",
      description =
          "What the base is called, where the adapters have different names for the same model.")
  private String base;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The new adapter's directory, in PEFT's format.")
  private Path output;

  @Mixin private HubOption hub;

  /** The combinations, for the help. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Combinations.all().stream().map(Combination::name).iterator();
    }
  }

  @Override
  public Integer call() {
    Combination way = Combinations.named(combination);
    CombinationSettings settings =
        new CombinationSettings(density, sign, rank, seed == null ? null : KeptMasks.seeded(seed));
    List<AdapterWithWeight> named = adapters.stream().map(AdapterWithWeight::of).toList();
    HubFiles files = hub.files();
    List<WeightedAdapter> weighted =
        named.stream().map(a -> new WeightedAdapter(files.model(a.name()), a.weight())).toList();
    CombinedAdapter made = AdapterCombiner.combine(weighted, way, settings, base, output);
    try (Progress progress = new Progress(spec)) {
      made.notes().forEach(progress::message);
      progress.message(
          output
              + ": "
              + weighted.size()
              + (weighted.size() == 1 ? " adapter" : " adapters")
              + " by "
              + made.combination()
              + ", "
              + made.modules()
              + " modules, rank "
              + made.rank());
    }
    return 0;
  }
}
