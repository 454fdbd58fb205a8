/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.tlora.Evaluation;
import org.tlora.LanguageModel;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.AtomicFiles;
import org.tlora.format.Json;

/**
 * Scores a model on the rows of a DataFrame, which has the fields of a task: what the model wrote
 * or which class it chose, whether that is right, and the whole sample as JSON. The score is the
 * mean of {@code correct}. An executor loads the model once.
 */
public final class TaskEvaluator extends ModelColumns {
  private static final long serialVersionUID = 1L;

  private static final String EXTRACTED = "extracted";
  private static final String CORRECT = "correct";
  private static final String SAMPLE = "sample";

  private final Param<String> task = new Param<>(uid(), "task", "such as gsm8k, boolq or sst2");
  private final Param<Boolean> byLikelihood =
      new Param<>(uid(), "byLikelihood", "choices by their likelihood, not by what is written");
  private final Param<String> grading = new Param<>(uid(), "grading", "published or lenient");

  /** What is written, graded as it is published. */
  public TaskEvaluator() {
    this(Identifiable.randomUID("tloraTaskEvaluator"));
  }

  /** The same under a name, which Spark's copies have. */
  public TaskEvaluator(String uid) {
    super(uid);
    setModelDefaults();
    set(byLikelihood, false);
    set(grading, "published");
  }

  /** Such as gsm8k, boolq or sst2, or a file of your own that executors see. */
  public Param<String> task() {
    return task;
  }

  /** Choices by their likelihood, not by what is written. */
  public Param<Boolean> byLikelihood() {
    return byLikelihood;
  }

  /** published or lenient. */
  public Param<String> grading() {
    return grading;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    List<StructField> fields = new ArrayList<>(List.of(schema.fields()));
    for (String out : List.of(EXTRACTED, CORRECT, SAMPLE)) {
      if (fields.stream().anyMatch(f -> f.name().equals(out))) {
        throw new UsageFault("column " + out + " is there already: rename it");
      }
    }
    fields.add(DataTypes.createStructField(EXTRACTED, DataTypes.StringType, true));
    fields.add(DataTypes.createStructField(CORRECT, DataTypes.BooleanType, true));
    fields.add(DataTypes.createStructField(SAMPLE, DataTypes.StringType, false));
    return DataTypes.createStructType(fields);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    ExecutorModels.Key key = key();
    String name = required(task);
    boolean likely = required(byLikelihood);
    String graded = required(grading);
    MapPartitionsFunction<Row, Row> samples =
        rows -> scored(rows, ExecutorModels.of(key), name, likely, graded, key.textsAtOnce());
    return dataset.toDF().mapPartitions(samples, Encoders.row(schema));
  }

  private static Iterator<Row> scored(
      Iterator<Row> rows,
      LanguageModel model,
      String task,
      boolean likely,
      String graded,
      int atOnce) {
    List<Row> all = new ArrayList<>();
    rows.forEachRemaining(all::add);
    if (all.isEmpty()) {
      return all.iterator();
    }
    try {
      Path directory = Files.createTempDirectory("tlora-rows");
      try {
        Path file = directory.resolve("rows.jsonl");
        Path samples = directory.resolve("samples.jsonl");
        List<String> lines = new ArrayList<>();
        all.forEach(row -> lines.add(row.json()));
        if (lines.size() == 1) {
          lines.add(lines.get(0)); // tasks of labels want two; a sample does not depend on others
        }
        Files.write(file, lines, StandardCharsets.UTF_8);
        model.evaluate(
            Evaluation.builder()
                .task(task, file)
                .byLikelihood(likely)
                .grading(graded)
                .batchSize(atOnce)
                .samples(samples)
                .build());
        List<String> written = Files.readAllLines(samples, StandardCharsets.UTF_8);
        List<Row> out = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
          out.add(with(all.get(i), written.get(i)));
        }
        return out.iterator();
      } finally {
        AtomicFiles.deleteTree(directory);
      }
    } catch (IOException e) {
      throw new RunFault("rows cannot be kept in a temporary file: " + e.getMessage(), e);
    }
  }

  private static Row with(Row row, String line) {
    JsonNode sample = Json.parse(line, "a sample");
    Object[] values = new Object[row.size() + 3];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    JsonNode said = sample.path(EXTRACTED);
    values[row.size()] = said.isNull() || said.isMissingNode() ? null : said.asText();
    values[row.size() + 1] = sample.has(CORRECT) ? sample.get(CORRECT).asBoolean() : null;
    values[row.size() + 2] = line;
    return RowFactory.create(values);
  }
}
