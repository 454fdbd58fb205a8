/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.cli.Commands.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.cli.Commands.Output;
import org.tlora.cli.option.AdapterWithWeight;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.golden.Shared;
import org.tlora.quickstart.TinyModels;

/** {@code tlora adapters} from the command line to what the model then computes. */
class AdaptersTest {
  private static final Path GOLDEN = Shared.path("golden/next/merge");

  @TempDir private Path directory;

  private static String golden(String name) {
    return GOLDEN.resolve(name).toString();
  }

  private Output combine(String way, String... more) {
    List<String> arguments = new ArrayList<>(List.of("adapters", "combine", "--combination", way));
    arguments.addAll(Arrays.asList(more));
    arguments.addAll(List.of("--output", directory.resolve("made").toString()));
    return run(arguments.toArray(String[]::new));
  }

  private static JsonNode goldenCase(String name) {
    return StreamSupport.stream(
            Json.readObject(GOLDEN.resolve("results.json")).path("cases").spliterator(), false)
        .filter(c -> c.path("name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsCombinedComputesWhatPeftsComputes() {
    Output made =
        combine(
            "ties_svd",
            "--density",
            "0.3",
            "--sign",
            "frequency",
            "--adapter",
            golden("a"), // the weight 1
            golden("d") + "@0.8",
            "--adapter",
            golden("e") + "@0.6");
    assertEquals(0, made.status(), made.err());
    assertEquals("", made.out(), "standard output carries results only");
    assertTrue(made.err().contains("3 adapters by ties_svd, 21 modules, rank 8"), made.err());
    JsonNode prompt = goldenCase("ties_svd_frequency").path("prompts").path(0);
    Output said =
        run(
            "generate",
            "--model",
            Shared.path("golden/tiny-llama").toString(),
            "--adapter",
            directory.resolve("made").toString(),
            "--dtype",
            "float32",
            "--prompt-ids",
            StreamSupport.stream(prompt.path("prompt_ids").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(",")),
            "--max-new-tokens",
            "0",
            "--greedy",
            "--json",
            "--logits");
    assertEquals(0, said.status(), said.err());
    JsonNode logits = Json.parse(said.out(), "output").path("last_logits");
    assertEquals(400, logits.size());
    for (int i = 0; i < 400; i++) {
      assertEquals(prompt.path("last_logits").path(i).asDouble(), logits.path(i).asDouble(), 1e-4);
    }
  }

  @Test
  void theSameCommandGivesTheSameBitsAndAnotherSeedOthers() throws IOException {
    String[] dare = {"--density", "0.5", "--adapter", golden("a"), golden("b")};
    assertEquals(0, combine("dare_linear", dare).status());
    var first = Runs.weights(directory.resolve("made"));
    assertEquals(0, combine("dare_linear", dare).status());
    assertEquals(first, Runs.weights(directory.resolve("made")));
    String[] seeded = Arrays.copyOf(dare, dare.length + 2);
    seeded[dare.length] = "--seed";
    seeded[dare.length + 1] = "1";
    assertEquals(0, combine("dare_linear", seeded).status());
    assertFalse(first.equals(Runs.weights(directory.resolve("made"))));
  }

  @ParameterizedTest
  @CsvSource({
    "slerp --adapter A, 2, --combination slerp is not known",
    "ties --adapter A B, 2, --density is needed",
    "ties --adapter A B --density 0, 2, --density must be above 0",
    "cat --adapter A B --rank 4, 2, --rank is nothing that cat uses",
    "svd --adapter A B --rank 0, 2, --rank must be at least 1",
    "svd --adapter A B --seed 1, 2, --seed is nothing that svd uses",
    "ties --adapter A B --density 0.5 --sign most, 2, --sign",
    "linear --adapter A D, 2, needs one rank",
    "cat --adapter A@many B, 2, the weight must be a number",
    "cat --adapter A@1e99 B, 2, the weight must be a number that float32 can hold",
    "cat, 2, --adapter",
    "cat --adapter A /nowhere, 3, has no adapter_config.json"
  })
  void whatIsWrongIsSaidInOneLine(String given, int status, String said) {
    List<String> words = new ArrayList<>(List.of(given.split(" ")));
    words.replaceAll(w -> w.matches("[ABD](@.*)?") ? golden(w.toLowerCase(Locale.ROOT)) : w);
    Output refused = combine(words.get(0), words.subList(1, words.size()).toArray(String[]::new));
    assertEquals(status, refused.status(), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains(said), refused.err());
    assertFalse(Files.exists(directory.resolve("made")), "nothing is written");
  }

  @Test
  void basesThatDifferAreOneWhereThatIsSaid() throws IOException {
    Path other = directory.resolve("other");
    Runs.copy(GOLDEN.resolve("b"), other);
    Path file = other.resolve("adapter_config.json");
    Files.writeString(
        file, Files.readString(file).replace("\"tiny-llama\"", "\"somebody/tiny-llama\""));
    String[] both = {"--adapter", golden("a"), other.toString()};
    Output refused = combine("cat", both);
    assertEquals(3, refused.status());
    assertTrue(refused.err().contains("somebody/tiny-llama"), refused.err());
    assertTrue(refused.err().contains("with --base"), refused.err());
    Output made = combine("cat", "--base", "tiny-llama", "--adapter", golden("a"), other + "@2");
    assertEquals(0, made.status(), made.err());
  }

  @Test
  void argumentsAreNamesWithWeights() throws IOException {
    assertEquals(new AdapterWithWeight("a/b", 1), AdapterWithWeight.of("a/b"));
    assertEquals(new AdapterWithWeight("a/b", -0.25), AdapterWithWeight.of("a/b@-.25"));
    assertEquals(new AdapterWithWeight("a/b@main", 1e-3), AdapterWithWeight.of("a/b@main@1e-3"));
    assertEquals(new AdapterWithWeight("a/b@main", 1), AdapterWithWeight.of("a/b@main"));
    assertEquals(new AdapterWithWeight("a@b/c", 1), AdapterWithWeight.of("a@b/c"));
    Path odd = Files.createDirectories(directory.resolve("run@2"));
    assertEquals(new AdapterWithWeight(odd.toString(), 1), AdapterWithWeight.of(odd.toString()));
    assertEquals(new AdapterWithWeight(odd.toString(), 3), AdapterWithWeight.of(odd + "@3"));
  }

  @Test
  void differencesAreATableOrAnObject() {
    Output text = run("adapters", "diff", golden("a"), golden("d"));
    assertEquals(0, text.status(), text.err());
    List<String> lines = text.out().lines().toList();
    assertTrue(lines.get(0).contains("cosine"), text.out());
    assertTrue(lines.get(1).startsWith("model.layers.0.mlp.down_proj"), text.out());
    assertTrue(lines.get(22).startsWith("all"), text.out());
    assertTrue(lines.contains("r: 8 in A, 4 in B"), text.out());
    Output json = run("adapters", "diff", "--json", golden("a"), golden("d"));
    JsonNode said = Json.parse(json.out(), "diff");
    JsonNode q = said.path("modules").path("model.layers.1.self_attn.q_proj");
    assertEquals(8, q.path("rank_a").asInt());
    assertEquals(4, q.path("input_angles").size());
    assertTrue(q.path("cosine").isNumber() && said.path("total").path("norm_a").isNumber());
    assertEquals(4, said.path("configuration").path("r").path("b").asInt());
    assertEquals(2, run("adapters", "diff", golden("a")).status());
    assertEquals(3, run("adapters", "diff", golden("a"), directory.toString()).status());
  }

  @Test
  void resizingTellsWhatIsLostAndPaddingLosesNothing() {
    Path small = directory.resolve("small");
    Output less =
        run("adapters", "resize", "--adapter", golden("a"), "--rank", "4", "--output", "" + small);
    assertEquals(0, less.status(), less.err());
    assertTrue(less.out().contains("8 → 4"), less.out());
    JsonNode off =
        Json.parse(run("adapters", "diff", "--json", golden("a"), "" + small).out(), "diff");
    String relative =
        String.format(
            Locale.ROOT, "%.4f", off.path("total").path("relative_difference").asDouble());
    assertTrue(less.out().strip().endsWith(relative), less.out() + relative);
    Path large = directory.resolve("large");
    String[] padding = {"--adapter", "" + small, "--rank", "9", "--output", "" + large};
    Output more = run(concatenated(new String[] {"adapters", "resize"}, padding));
    assertTrue(more.out().contains("21 of 21 modules had a lesser rank"), more.out());
    JsonNode same =
        Json.parse(run("adapters", "diff", "--json", "" + small, "" + large).out(), "diff");
    assertEquals(0, same.path("total").path("relative_difference").asDouble(), 1e-9);
    Output energy =
        run(
            concatenated(
                new String[] {"adapters", "resize", "--json"},
                new String[] {"--adapter", "" + large, "--energy", "1", "--output", "" + small}));
    assertEquals(0, energy.status(), energy.err());
    Json.parse(energy.out(), "resize")
        .path("modules")
        .forEach(m -> assertEquals(4, m.path("rank").asInt()));
  }

  private static String[] concatenated(String[] a, String[] b) {
    String[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--rank 4 --energy 0.9", "--rank 0", "--energy 2"})
  void resizingWantsOneRank(String given) {
    List<String> words = new ArrayList<>(List.of("adapters", "resize", "--adapter", golden("a")));
    words.addAll(List.of("--output", directory.resolve("x").toString()));
    words.addAll(Arrays.stream(given.split(" ")).filter(w -> !w.isEmpty()).toList());
    Output refused = run(words.toArray(String[]::new));
    assertEquals(2, refused.status());
    assertTrue(refused.err().contains("--rank") || refused.err().contains("--energy"));
    assertEquals(1, refused.err().lines().count(), refused.err());
  }

  @Test
  void adaptersThatWereTrainedHereAreCombinedMergedAndTrainedOn() throws IOException {
    Path model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    Path data = Commands.writeRows(directory.resolve("rows.jsonl"));
    Path one = directory.resolve("one");
    Path two = directory.resolve("two");
    assertEquals(0, Commands.train(model, data, one, "--calibration-samples", "4").status());
    assertEquals(0, Commands.train(model, data, two, "--method", "olora").status());
    Output made = combine("svd", "--adapter", one + "@0.5", two.toString(), "--rank", "6");
    assertEquals(0, made.status(), made.err());
    assertTrue(made.err().contains("took out of the base"), made.err());
    Path combined = directory.resolve("made");
    assertEquals(6, Json.readObject(combined.resolve("adapter_config.json")).path("r").asInt());
    Output merged =
        run(
            "merge",
            "--model",
            "" + model,
            "--adapter",
            "" + combined,
            "--output",
            "" + directory.resolve("merged"));
    assertEquals(0, merged.status(), merged.err());
    Output on =
        Commands.train(
            model,
            data,
            directory.resolve("on"),
            "--method",
            "lora",
            "--rank",
            "6",
            "--init-adapter",
            "" + combined);
    assertEquals(0, on.status(), on.err());
  }

  @Test
  void adaptersAloneIsNoCommand() {
    Output refused = run("adapters");
    assertEquals(2, refused.status());
    assertTrue(refused.err().contains("Missing required subcommand"), refused.err());
    String help = run("adapters", "combine", "--help").out();
    assertTrue(help.contains("magnitude_prune_svd"), help);
  }
}
