/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.cli.Commands.Output;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.format.Sha256;
import org.tlora.quickstart.TinyModels;

/** What is in the page that a run leaves, by its method. */
class ReportTest {
  private static final String PARAMETERS = "Parameters";

  @TempDir private static Path directory;
  private static Path model;
  private static Path data;

  @BeforeAll
  static void prepare() throws IOException {
    model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    data = Commands.writeRows(directory.resolve("rows.jsonl"));
  }

  private static String trained(Path output, String... more) throws IOException {
    List<String> all = new ArrayList<>(List.of("--held-out", "2"));
    all.addAll(List.of(more));
    Output run = Commands.train(model, data, output, all.toArray(String[]::new));
    assertEquals(0, run.status(), run.err());
    return Files.readString(output.resolve("report.html"));
  }

  /** The text of a section by its heading, without markup. */
  private static String section(String page, String title) {
    String start = "-title\">" + title + "</h2>";
    int from = page.indexOf(start);
    assertTrue(from > 0, "no section " + title);
    return page.substring(from, page.indexOf("</section>", from));
  }

  private static List<String> sections(String page) {
    return Pattern.compile("<h2 id=\"section-\\d+-title\">(.*?)</h2>")
        .matcher(page)
        .results()
        .map(m -> m.group(1))
        .toList();
  }

  private static double heldOutBefore(String page) {
    Matcher tile =
        Pattern.compile("Held-out loss</dt><dd>([0-9.]+) → [0-9.]+<small>before and after")
            .matcher(page);
    assertTrue(tile.find(), page.substring(page.indexOf("<header>"), page.indexOf("</header>")));
    return Double.parseDouble(tile.group(1));
  }

  private static List<String> answers(String page, String of) {
    return Pattern.compile("<h4>" + of + "</h4><p dir=\"auto\">(.*?)</p>", Pattern.DOTALL)
        .matcher(section(page, "Samples"))
        .results()
        .map(m -> m.group(1))
        .toList();
  }

  @Test
  void aRunOfTlora() throws IOException {
    Path output = directory.resolve("tlora");
    String page =
        trained(output, "--method", "tlora", "--sample-every", "3", "--schedule", "linear");
    assertEquals(
        List.of(
            "Course",
            "Layers",
            "Spectra",
            PARAMETERS,
            "Samples",
            "Data and base",
            "Settings",
            "Environment and digests"),
        sections(page));
    String layers = section(page, "Layers");
    for (String map : List.of("Rank of each layer", "Alpha of each layer", "Sensitivity of each")) {
      assertTrue(layers.contains("<caption>" + map), map);
    }
    JsonNode calibration = Json.readObject(output.resolve("calibration.json"));
    calibration
        .path("modules")
        .forEach(
            m -> {
              JsonNode values = m.path("singular_values");
              assertEquals(m.path("rank").asInt(), values.size());
              for (int i = 1; i < values.size(); i++) {
                assertTrue(values.get(i).asDouble() <= 1.0001 * values.get(i - 1).asDouble());
              }
            });
    String spectra = section(page, "Spectra");
    assertTrue(spectra.contains("What was learned") && spectra.contains("What adapters were"));
    long trainable = calibration.path("trainable_parameters").asLong();
    assertTrue(
        section(page, PARAMETERS).contains(String.format(Locale.ROOT, "<td>%,d</td>", trainable)));

    // the base's answers are those that the run's own samples had before its first step
    JsonNode first =
        Json.parseObject(Files.readAllLines(output.resolve("samples.jsonl")).get(0), "a sample");
    assertEquals(-1, first.path("step").asLong());
    assertEquals(2, answers(page, "Base").size());
    assertEquals(2, answers(page, "Tuned").size());
    assertEquals(first.path("text").asText(), unescaped(answers(page, "Base").get(0)));
    assertEquals(first.path("reference").asText(), unescaped(answers(page, "Reference").get(0)));
    assertTrue(section(page, "Samples").contains("<summary>Samples during the run</summary>"));

    String settings = section(page, "Settings");
    String chosen = settings.substring(0, settings.indexOf("<details"));
    assertTrue(chosen.contains("<dt>schedule</dt><dd>linear</dd>"), chosen);
    assertFalse(chosen.contains("<dt>weight-decay</dt>"), chosen);
    assertTrue(settings.contains("<dt>weight-decay</dt><dd>0.0</dd>"), settings);
    assertFalse(page.contains(directory.toString()), "no places of this machine");
    String digests = section(page, "Environment and digests");
    assertTrue(digests.contains(Sha256.of(output.resolve("adapter_model.safetensors"))));
    assertTrue(digests.contains(Sha256.of(data)));
    assertTrue(digests.contains(System.getProperty("java.version")));
  }

  private static String unescaped(String text) {
    return text.replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#x3D;", "=")
        .replace("&#x60;", "`")
        .replace("&amp;", "&");
  }

  @Test
  void aRunOfLoraHasRanksAndNoSensitivities() throws IOException {
    Path output = directory.resolve("lora");
    String page = trained(output, "--method", "lora");
    String layers = section(page, "Layers");
    assertTrue(layers.contains("<caption>Rank of each layer <small>all 4</small>"), layers);
    assertFalse(layers.contains("<caption>Sensitivity"), layers);
    assertFalse(section(page, "Spectra").contains("What adapters were started from"));
    assertFalse(Files.readString(output.resolve("calibration.json")).contains("singular_values"));
  }

  @Test
  void beforeAndAfterOfAWholeModelThatIsTrained() throws IOException {
    Path output = directory.resolve("full");
    String page = trained(output, "--method", "full", "--save-every", "3");
    String adapter = trained(directory.resolve("beside"), "--method", "lora");
    assertEquals(heldOutBefore(adapter), heldOutBefore(page), "the same base, before it changed");
    assertEquals(answers(adapter, "Base"), answers(page, "Base"));
    assertFalse(sections(page).contains("Spectra"));
    assertTrue(section(page, "Layers").contains("All weights train"));
    assertTrue(section(page, PARAMETERS).contains("<th scope=\"row\">embed_tokens</th>"));
    assertTrue(section(page, PARAMETERS).contains("<td>100 %</td>"));

    Output resumed = Commands.run("train", "--resume", "--output", output.toString());
    assertEquals(0, resumed.status(), resumed.err());
    String again = Files.readString(output.resolve("report.html"));
    assertTrue(section(again, "Samples").contains("the run was resumed"));
    assertEquals(List.of(), answers(again, "Base"));
    assertEquals(answers(page, "Tuned"), answers(again, "Tuned"));
    assertTrue(again.contains("<small>after</small>"), "the held-out loss alone");
  }

  @Test
  void aRunThatWasResumedKnowsItsBaseAndSaysWhatIsGone() throws IOException {
    Path output = directory.resolve("resumed");
    String page = trained(output, "--method", "tlora", "--save-every", "3");
    Files.delete(output.resolve("calibration.json"));
    Output resumed = Commands.run("train", "--resume", "--output", output.toString());
    assertEquals(0, resumed.status(), resumed.err());
    String again = Files.readString(output.resolve("report.html"));
    assertEquals(answers(page, "Base"), answers(again, "Base"));
    assertEquals(answers(page, "Tuned"), answers(again, "Tuned"));
    assertEquals(heldOutBefore(page), heldOutBefore(again));
    assertTrue(section(again, "Layers").contains("calibration.json is not there any more"));
  }
}
