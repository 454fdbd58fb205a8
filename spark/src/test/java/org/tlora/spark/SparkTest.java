/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.GenerationOptions;
import org.tlora.LanguageModel;
import org.tlora.Prompt;
import org.tlora.engine.DType;
import org.tlora.fault.Fault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.format.Sha256;
import org.tlora.quickstart.TinyModels;
import org.tlora.testing.StartsProcess;

/** Ranks, runs and rows as Spark's tasks, on executors that are processes of their own. */
@StartsProcess
@EnabledOnOs(OS.LINUX)
class SparkTest {
  private static final StructType TEXTS =
      new StructType().add("id", DataTypes.IntegerType).add("prompt", DataTypes.StringType);

  @TempDir private static Path directory;
  private static SparkSession spark;
  private static String model;

  @BeforeAll
  static void startCluster() throws IOException {
    new TinyModels(directory.resolve("model"), DType.FLOAT32).close();
    model = directory.resolve("model").toString();
    spark = SparkCluster.start(2, directory.resolve("home"));
  }

  @AfterAll
  static void stopCluster() {
    if (spark != null) {
      spark.stop();
    }
  }

  private static Dataset<Row> questions(int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(RowFactory.create(i, "What is " + i + " and " + i % 3 + "?"));
    }
    return spark.createDataFrame(rows, TEXTS);
  }

  private static String[] train(String output, int ranks, List<String> source, String... more) {
    List<String> all = new ArrayList<>(List.of("--ranks", "" + ranks));
    all.addAll(source);
    all.addAll(List.of("--", "train", "--model", model, "--template", "plain", "--rank", "4"));
    all.addAll(List.of("--method", "lora", "--batch-size", "4", "--dtype", "float32"));
    all.addAll(List.of("--output", directory.resolve(output).toString()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static List<Double> losses(String output) throws IOException {
    List<Double> all = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve(output).resolve("metrics.jsonl"))) {
      JsonNode step = Json.parse(line, "metrics");
      all.add(step.path("loss").asDouble());
    }
    return all;
  }

  private static String weights(String output) throws IOException {
    return Sha256.of(directory.resolve(output).resolve("adapter_model.safetensors"));
  }

  /** A source that is in Parquet, its columns mapped; one rank and two have the same losses. */
  @Test
  void ranksTrainOnAFrame() throws Exception {
    String parquet = directory.resolve("questions").toString();
    questions(20).write().parquet(parquet);
    List<String> source =
        List.of(
            "--rows",
            parquet,
            "--format",
            "parquet",
            "--column",
            "prompt=prompt",
            "--column",
            "response=concat('It is ', id)");
    assertEquals(0, TrainOnSpark.run(spark, train("one", 1, source, "--steps", "4")));
    assertEquals(0, TrainOnSpark.run(spark, train("two", 2, source, "--steps", "4")));
    List<Double> one = losses("one");
    List<Double> two = losses("two");
    assertEquals(4, one.size());
    for (int i = 0; i < 4; i++) {
      assertEquals(one.get(i), two.get(i), 5e-6, "step " + i);
    }
  }

  /** The stage is started anew on another executor, and goes on to the same bits. */
  @Test
  void anExecutorIsKilledInTheMiddle() throws Exception {
    Path rows = directory.resolve("rows.jsonl");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      lines
          .append("{\"prompt\": \"What is ")
          .append(i)
          .append("?\", \"response\": \"A number\"}\n");
    }
    Files.writeString(rows, lines);
    String[] options = {"--data", rows.toString(), "--steps", "120", "--save-every", "10"};
    assertEquals(0, TrainOnSpark.run(spark, train("whole", 2, List.of(), options)));
    Path metrics = directory.resolve("killed/metrics.jsonl");
    List<Long> before = executors();
    Thread killer =
        new Thread(
            () -> {
              try {
                while (!Files.exists(metrics) || Files.readAllLines(metrics).size() < 35) {
                  Thread.sleep(5);
                }
                ProcessHandle.of(before.get(1)).orElseThrow().destroyForcibly();
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    killer.start();
    assertEquals(0, TrainOnSpark.run(spark, train("killed", 2, List.of(), options)));
    killer.join();
    assertFalse(ProcessHandle.of(before.get(1)).map(ProcessHandle::isAlive).orElse(false));
    assertEquals(losses("whole"), losses("killed"));
    assertEquals(weights("whole"), weights("killed"), "to the bit");
  }

  /** The processes of the executors. */
  private static List<Long> executors() {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Set<Long> pids =
        new HashSet<>(
            context
                .parallelize(List.of(1, 2, 3, 4, 5, 6, 7, 8), 8)
                .map(
                    i -> {
                      Thread.sleep(300); // so that each executor has some
                      return ProcessHandle.current().pid();
                    })
                .collect());
    assertEquals(2, pids.size());
    assertFalse(pids.contains(ProcessHandle.current().pid()), "they are processes of their own");
    return List.copyOf(pids);
  }

  @Test
  void aSweepIsOneTable() throws Exception {
    Path rows = directory.resolve("few.jsonl");
    Files.writeString(rows, "{\"prompt\": \"What?\", \"response\": \"That\"}\n".repeat(6));
    Path output = directory.resolve("sweep");
    SweepOnSpark.run(
        spark,
        "--methods",
        "lora,pissa",
        "--learning-rates",
        "1e-3,2e-3",
        "--output",
        output.toString(),
        "--",
        "compare",
        "--model",
        model,
        "--data",
        rows.toString(),
        "--template",
        "plain",
        "--steps",
        "2",
        "--rank",
        "2",
        "--dtype",
        "float32",
        "--threads",
        "1");
    List<String> table = Files.readAllLines(output.resolve("sweep.csv"));
    assertEquals(5, table.size(), table.toString());
    assertTrue(table.get(0).startsWith("learning_rate,seed,"), table.get(0));
    assertEquals(2, table.stream().filter(l -> l.startsWith("2e-3,")).count());
    assertEquals(6, Files.readAllLines(output.resolve("sweep.md")).size());
  }

  @Test
  void eachRunOfATunedComparisonIsATask() throws Exception {
    Path rows = directory.resolve("tuned.jsonl");
    Files.writeString(rows, "{\"prompt\": \"What?\", \"response\": \"That\"}\n".repeat(8));
    Path output = directory.resolve("tuned");
    TunedOnSpark.run(
        spark,
        "--",
        "compare",
        "--methods",
        "lora,tlora",
        "--tune",
        "learning-rate",
        "--grid",
        "learning-rate=1e-6,2e-3",
        "--seeds",
        "1,2",
        "--held-out",
        "2",
        "--test-data",
        rows.toString(),
        "--model",
        model,
        "--data",
        rows.toString(),
        "--template",
        "plain",
        "--steps",
        "2",
        "--rank",
        "2",
        "--calibration-samples",
        "2",
        "--dtype",
        "float32",
        "--threads",
        "1",
        "--output",
        output.toString());
    String table = Files.readString(output.resolve("comparison.md"));
    assertTrue(table.contains("| lora (baseline) | learning-rate=0.002"), table);
    assertEquals(5, Files.readAllLines(output.resolve("search.csv")).size());
    assertEquals(5, Files.readAllLines(output.resolve("runs.csv")).size());
    assertTrue(Files.exists(output.resolve("tlora-seed-2/adapter_model.safetensors")));
  }

  @Test
  void textsOfAColumn() throws Exception {
    Dataset<Row> prompts =
        questions(9)
            .withColumn("prompt", functions.expr("if(id = 4, null, prompt)"))
            .repartition(2);
    TextGenerator generator = new TextGenerator();
    generator.set(generator.model(), model);
    generator.set(generator.dtype(), "float32");
    generator.set(generator.maxNewTokens(), 6);
    List<Row> texts = generator.transform(prompts).sort("id").collectAsList();
    assertEquals(9, texts.size());
    try (LanguageModel alone = LanguageModel.of(model).dtype("float32").load()) {
      GenerationOptions how = GenerationOptions.builder().maxNewTokens(6).build();
      for (Row row : texts) {
        if (row.getInt(0) == 4) {
          assertNull(row.get(2));
        } else {
          Prompt prompt = Prompt.of(row.getString(1));
          assertEquals(alone.generate(prompt, how).text(), row.getString(2));
        }
      }
    }
    TextGenerator copy = (TextGenerator) generator.copy(ParamMap.empty());
    assertEquals(6, copy.get(copy.maxNewTokens()).get());
    generator.set(generator.inputCol(), "nothing");
    assertThrows(UsageFault.class, () -> generator.transform(prompts));
  }

  @Test
  void aTaskOverAFrame() throws Exception {
    Dataset<Row> rows =
        questions(7)
            .selectExpr("prompt as question", "concat('#### ', id) as answer")
            .repartition(2);
    TaskEvaluator evaluator = new TaskEvaluator();
    evaluator.set(evaluator.model(), model);
    evaluator.set(evaluator.dtype(), "float32");
    evaluator.set(evaluator.task(), "gsm8k");
    List<Row> scored = evaluator.transform(rows).collectAsList();
    assertEquals(7, scored.size());
    for (Row row : scored) {
      JsonNode sample = Json.parse(row.getAs("sample"), "sample");
      assertEquals("gsm8k", sample.path("task").asText());
      assertTrue(sample.path("prompt").asText().contains(row.<String>getAs("question")));
      assertEquals(sample.path("correct").asBoolean(), row.<Boolean>getAs("correct"));
    }
  }

  @Test
  void whatIsWrongIsSaid() {
    Fault none = assertThrows(Fault.class, () -> TrainOnSpark.run(spark, "--ranks", "2"));
    assertTrue(none.getMessage().contains("behind --"), none.getMessage());
    Fault other =
        assertThrows(Fault.class, () -> TrainOnSpark.run(spark, "--ranks", "2", "--", "merge"));
    assertTrue(other.getMessage().contains("not merge"), other.getMessage());
    Fault wrong =
        assertThrows(
            Fault.class,
            () -> TrainOnSpark.run(spark, train("wrong", 1, List.of(), "--steps", "-1")));
    assertTrue(wrong.getMessage().startsWith("rank 0: tlora: "), wrong.getMessage());
  }
}
