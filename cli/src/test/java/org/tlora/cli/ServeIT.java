/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.format.Json;
import org.tlora.quickstart.TinyModels;

/** The server as the command line starts and ends it. */
class ServeIT {
  private static final Path ROOT = Path.of(System.getProperty("tlora.root"));

  @TempDir private Path directory;

  private Process start(String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(ROOT.resolve("tlora").toString(), "serve");
    builder.command().addAll(List.of(arguments));
    return builder.redirectError(directory.resolve("err").toFile()).start();
  }

  private static JsonNode get(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> reply =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertEquals(200, reply.statusCode(), reply.body());
    return Json.parse(reply.body(), "the answer");
  }

  @Test
  void servesUntilItIsToldToStop() throws Exception {
    Path model = directory.resolve("tiny");
    new TinyModels(model, DType.FLOAT32).close();
    Process server = start("--model", model.toString(), "--port", "0", "--max-new-tokens", "7");
    try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8)) {
      String address = out.readLine();
      assertTrue(
          address != null && address.matches("http://127\\.0\\.0\\.1:\\d+"),
          address + Files.readString(directory.resolve("err")));
      JsonNode models = get(HttpRequest.newBuilder(URI.create(address + "/v1/models")));
      assertEquals("tiny", models.at("/data/0/id").asText());
      JsonNode answer =
          get(
              HttpRequest.newBuilder(URI.create(address + "/v1/completions"))
                  .header("Content-Type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"model\":\"tiny\",\"prompt\":\"Double lani\",\"temperature\":0}")));
      assertTrue(answer.at("/usage/completion_tokens").asInt() <= 7);
      server.destroy(); // SIGTERM
      assertTrue(server.waitFor(60, TimeUnit.SECONDS));
      assertEquals(143, server.exitValue());
      String said = Files.readString(directory.resolve("err"));
      assertTrue(said.contains("stopping"), said);
      assertEquals(1, said.lines().count(), said);
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  void whatCannotBeServedIsSaid() throws Exception {
    Path model = directory.resolve("tiny");
    new TinyModels(model, DType.FLOAT32).close();
    for (String[] wrong :
        new String[][] {
          {"2", "--model is missing"},
          {"2", "--port", "--model", "" + model, "--port", "70000"},
          {"2", "tiny", "--model", "" + model, "--port", "0", "--adapters", "tiny=x"},
          {"3", "nowhere", "--model", "" + model, "--port", "0", "--adapters", "a=nowhere"},
          {"3", "keys", "--model", "" + model, "--port", "0", "--api-keys", directory + "/keys"},
        }) {
      Process server = start(List.of(wrong).subList(2, wrong.length).toArray(String[]::new));
      assertTrue(server.waitFor(120, TimeUnit.SECONDS));
      String said = Files.readString(directory.resolve("err"));
      assertEquals(Integer.parseInt(wrong[0]), server.exitValue(), said);
      assertTrue(said.contains(wrong[1]), said);
      assertEquals(1, said.lines().count(), said);
    }
  }
}
