/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.docs.WorkedExample;

/** The clients of docs/serving.md run as they are written there. */
class ServingPageTest {
  private static final String QUESTION = "What is 7 times 8?";

  @TempDir private static Path directory;
  private static TinyService service;

  @BeforeAll
  static void start() throws IOException {
    service = new TinyService(directory);
  }

  @AfterAll
  static void end() {
    service.close();
  }

  private static String block(String marker) throws IOException {
    for (int i = 0; ; i++) { // fails where there is none
      String block = WorkedExample.block("serving.md", "java", i);
      if (block.contains(marker)) {
        return block;
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OpenAIOkHttpClient, com.openai.client com.openai.client.okhttp"
        + " com.openai.models.chat.completions",
    "model.chat(, dev.langchain4j.model.chat dev.langchain4j.model.openai",
    "model.call(, org.springframework.ai.chat.model org.springframework.ai.openai"
  })
  void whatThePageSaysPrintsTheAnswer(String marker, String packages, @TempDir Path classes)
      throws Exception {
    StringBuilder source = new StringBuilder();
    for (String name : List.of(packages.split(" "))) {
      source.append("import ").append(name).append(".*;\n");
    }
    String code =
        block(marker)
            .replace("http://127.0.0.1:8080/v1", service.address())
            .replace("\"none\"", "\"" + TinyService.KEY + "\"")
            .replace("\"math\"", "\"" + TinyService.ADAPTER + "\"");
    source.append("public class Page { public static void main(String[] args) {\n");
    source.append(code).append("}}\n");
    Path file = Files.writeString(classes.resolve("Page.java"), source);
    String path = System.getProperty("java.class.path");
    String[] arguments = {"-proc:none", "-cp", path, "-d", classes.toString(), file.toString()};
    assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments), code);
    String said = run(classes);
    assertEquals(service.adapterAnswers(QUESTION) + System.lineSeparator(), said);
    assertFalse(said.isBlank());
  }

  private static String run(Path classes) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    URL[] urls = {classes.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(urls, ServingPageTest.class.getClassLoader());
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      loader.loadClass("Page").getMethod("main", String[].class).invoke(null, (Object) null);
    } finally {
      System.setOut(before);
    }
    return said.toString(StandardCharsets.UTF_8);
  }
}
