/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.docs.WorkedExample;
import org.tlora.engine.DType;
import org.tlora.quickstart.TinyModels;

/** The README's program runs as it is written there, on a smaller model and fewer rows. */
class ReadmeExampleTest {
  @TempDir private Path directory;

  @Test
  void theProgramOfTheReadmeTrainsAnswersAndMerges() throws Exception {
    Path model = directory.resolve("model");
    new TinyModels(model, DType.FLOAT32).close();
    Path rows = directory.resolve("rows.jsonl");
    Files.writeString(
        rows,
        """
        {"question": "Double lan.", "answer": "lanlan #### 1"}
        {"question": "Double bo.", "answer": "bobo #### 2"}
        """);
    String code =
        WorkedExample.block("../README.md", "java", 0)
            .replace("HuggingFaceTB/SmolLM2-135M-Instruct", model.toString())
            .replace("data/gsm8k-train.jsonl", rows.toString())
            .replace("steps(100)", "steps(2)")
            .replace("out/program", directory.resolve("program").toString());
    assertTrue(code.lines().count() <= 11, "ten lines, and one that ends a block");
    Path source = directory.resolve("Readme.java");
    Files.writeString(
        source,
        "import java.nio.file.Path;\nimport org.tlora.*;\n"
            + "public class Readme { public static void main(String[] args) {\n"
            + code
            + "}}\n");
    String path = System.getProperty("java.class.path");
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", path, "-d", directory.toString(), source.toString());
    assertEquals(0, status, code);
    URL[] classes = {directory.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(classes, getClass().getClassLoader())) {
      loader.loadClass("Readme").getMethod("main", String[].class).invoke(null, (Object) null);
    }
    assertTrue(Files.exists(directory.resolve("program/adapter_model.safetensors")));
    assertTrue(Files.exists(directory.resolve("program-merged/model.safetensors")));
  }
}
