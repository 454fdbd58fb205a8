/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.tlora.NamedOptions;
import org.tlora.fault.UsageFault;
import org.tlora.serve.http.Routes;

/** The description of the API says of every path what there is, and nothing else. */
class DescriptionTest {
  private static final ServerOptions OPTIONS =
      ServerOptions.builder().usualTokens(7).mostTokens(77).mostChoices(5).build();

  /** All that there may be; nobody is answered. */
  private static Routes routes() {
    InetAddress here = InetAddress.getLoopbackAddress();
    Routes routes = new Api(null, null, null, null, null, null, here, null).routes();
    new FineTuningEndpoints(null, null, null, null, 0).addTo(routes);
    Description.addTo(routes, OPTIONS);
    return routes;
  }

  private static Map<String, Set<String>> described(ObjectNode description) {
    Map<String, Set<String>> all = new TreeMap<>();
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      Set<String> methods = new TreeSet<>();
      path.getValue().fieldNames().forEachRemaining(m -> methods.add(m.toUpperCase(Locale.ROOT)));
      all.put(path.getKey(), methods);
    }
    return all;
  }

  @Test
  void everyRouteIsDescribedAndNothingElseIs() {
    assertEquals(routes().methods(), described(Description.whole()));
    assertEquals(routes().methods(), described(Description.of(routes().methods(), OPTIONS)));
  }

  @Test
  void everyReferenceLeadsSomewhereAndEveryPartIsUsed() {
    ObjectNode all = Description.whole();
    Set<String> used = new TreeSet<>();
    for (JsonNode reference : all.findValues("$ref")) {
      String to = reference.asText();
      assertTrue(to.startsWith("#/components/") && !all.at(to.substring(1)).isMissingNode(), to);
      used.add(to);
    }
    for (String kind : List.of("schemas", "responses")) {
      all.at("/components/" + kind)
          .fieldNames()
          .forEachRemaining(n -> assertTrue(used.contains("#/components/" + kind + "/" + n), n));
    }
    List<String> ids = all.path("paths").findValuesAsText("operationId");
    assertEquals(ids.size(), new TreeSet<>(ids).size(), "an id for each operation");
  }

  @Test
  void aServerDescribesWhatItHas() {
    Map<String, Set<String>> methods = new HashMap<>(routes().methods());
    methods.keySet().removeIf(path -> path.startsWith("/v1/f"));
    methods.put("/v1/models/{id}", Set.of("GET"));
    ObjectNode open = Description.of(methods, OPTIONS);
    assertEquals(new TreeMap<>(methods), described(open));
    assertFalse(open.has("security"), "without keys none is asked for");
    assertEquals(77, open.at("/components/schemas/AnswerTokens/maximum").asInt());
    assertEquals(5, open.at("/components/schemas/Answers/maximum").asInt());
    ServerOptions closed = ServerOptions.builder().apiKeys(Path.of("keys")).build();
    assertTrue(Description.of(methods, closed).has("security"));
  }

  private static Set<String> options(ObjectNode all, String of) {
    Set<String> names = new TreeSet<>();
    all.at("/components/schemas/" + of + "/properties")
        .fieldNames()
        .forEachRemaining(name -> names.add(name.replace('_', '-')));
    return names;
  }

  @Test
  void jobsHaveTheOptionsOfTraining() {
    Set<String> described = options(Description.whole(), "TrainingOptions");
    described.removeAll(Set.of("n-epochs", "learning-rate-multiplier")); // OpenAI's names
    Set<String> known = new TreeSet<>(NamedOptions.names());
    known.removeAll(Set.of("method", "data", "output", "eval-data", "seed")); // fields of their own
    known.removeAll(Set.of("calibration-cache", "init-adapter", "track")); // the server's
    known.removeAll(Set.of("eval-tasks", "eval-task-data", "eval-task-limit", "sample-prompts"));
    known.removeAll(Set.of("modules-to-save", "trainable-tokens", "new-tokens")); // refused
    assertEquals(known, described);
  }

  @Test
  void everyMethodHasItsOwnOptions() {
    ObjectNode all = Description.whole();
    int options = 0;
    for (JsonNode way : all.at("/components/schemas/Method/anyOf")) {
      String method = way.at("/properties/type/const").asText();
      if (!method.isEmpty()) {
        String of = way.at("/properties/" + method + "/anyOf/0/$ref").asText();
        Set<String> own = options(all, of.substring(of.lastIndexOf('/') + 1));
        assertTrue(own.remove("hyperparameters"), method);
        own.forEach(option -> assertKnown(method, option));
        options += own.size();
      }
    }
    assertEquals(29, options);
  }

  private static void assertKnown(String method, String option) {
    Map<String, List<String>> given =
        Map.of("method", List.of(method), "data", List.of("d"), option, List.of("?"));
    UsageFault e = assertThrows(UsageFault.class, () -> NamedOptions.tuning(given).build());
    assertFalse(e.getMessage().contains("is no option"), e.getMessage());
  }
}
