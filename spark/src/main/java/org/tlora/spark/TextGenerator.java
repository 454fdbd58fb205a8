/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.spark;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
import org.tlora.GenerationOptions;
import org.tlora.LanguageModel;
import org.tlora.Prompt;
import org.tlora.fault.UsageFault;
import org.tlora.generate.Generation;
import org.tlora.generate.Scheduler;

/**
 * Continues the texts of a column: a column of prompts in, one of texts and one of why each ended
 * out. An executor loads the model once. A null prompt gives null.
 */
public final class TextGenerator extends ModelColumns {
  private static final long serialVersionUID = 1L;

  private final Param<String> inputCol = new Param<>(uid(), "inputCol", "the prompts");
  private final Param<String> outputCol = new Param<>(uid(), "outputCol", "the texts");
  private final Param<String> finishCol = new Param<>(uid(), "finishCol", "why a text ended");
  private final Param<String> template =
      new Param<>(uid(), "template", "plain, alpaca, gsm8k, or chat: the model's own");
  private final Param<Integer> maxNewTokens = new Param<>(uid(), "maxNewTokens", "of each text");
  private final Param<Double> temperature =
      new Param<>(uid(), "temperature", "0: the most probable token, always");
  private final Param<Integer> seed = new Param<>(uid(), "seed", "of what is drawn");

  /** Greedy texts of up to 128 tokens, from {@code prompt} to {@code text}. */
  public TextGenerator() {
    this(Identifiable.randomUID("tloraTextGenerator"));
  }

  /** The same under a name, which Spark's copies have. */
  public TextGenerator(String uid) {
    super(uid);
    setModelDefaults();
    set(inputCol, "prompt");
    set(outputCol, "text");
    set(finishCol, "finish_reason");
    set(template, "plain");
    set(maxNewTokens, 128);
    set(temperature, 0.0);
    set(seed, 0);
  }

  /** The prompts. */
  public Param<String> inputCol() {
    return inputCol;
  }

  /** The texts. */
  public Param<String> outputCol() {
    return outputCol;
  }

  /** Why a text ended. */
  public Param<String> finishCol() {
    return finishCol;
  }

  /** plain, alpaca, gsm8k, or chat: the model's own. */
  public Param<String> template() {
    return template;
  }

  /** Tokens of a text at most. */
  public Param<Integer> maxNewTokens() {
    return maxNewTokens;
  }

  /** 0: the most probable token, always. */
  public Param<Double> temperature() {
    return temperature;
  }

  /** Decides what is drawn; a row's own is mixed with its prompt. */
  public Param<Integer> seed() {
    return seed;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    String in = required(inputCol);
    List<StructField> fields = new ArrayList<>(List.of(schema.fields()));
    if (fields.stream()
        .noneMatch(f -> f.name().equals(in) && f.dataType().equals(DataTypes.StringType))) {
      throw new UsageFault("`inputCol` " + in + " is no column of texts: " + schema.simpleString());
    }
    for (String out : List.of(required(outputCol), required(finishCol))) {
      if (fields.stream().anyMatch(f -> f.name().equals(out))) {
        throw new UsageFault("column " + out + " is there already: name another");
      }
    }
    fields.add(DataTypes.createStructField(required(outputCol), DataTypes.StringType, true));
    fields.add(DataTypes.createStructField(required(finishCol), DataTypes.StringType, true));
    return DataTypes.createStructType(fields);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    ExecutorModels.Key key = key();
    int column = dataset.schema().fieldIndex(required(inputCol));
    String around = required(template);
    int most = required(maxNewTokens);
    double drawnAt = required(temperature);
    int drawnBy = required(seed);
    MapPartitionsFunction<Row, Row> texts =
        rows ->
            new Texts(
                rows,
                ExecutorModels.of(key),
                column,
                around,
                most,
                drawnAt,
                drawnBy,
                key.textsAtOnce());
    return dataset.toDF().mapPartitions(texts, Encoders.row(schema));
  }

  /** Rows with their texts, in their order; some are asked for ahead, to run side by side. */
  private static final class Texts implements Iterator<Row> {
    private record Asked(Row row, Scheduler.Handle text) {}

    private final Iterator<Row> rows;
    private final LanguageModel model;
    private final int column;
    private final String template;
    private final int most;
    private final double temperature;
    private final int seed;
    private final int ahead;
    private final Deque<Asked> asked = new ArrayDeque<>();

    Texts(
        Iterator<Row> rows,
        LanguageModel model,
        int column,
        String template,
        int most,
        double temperature,
        int seed,
        int atOnce) {
      this.rows = rows;
      this.model = model;
      this.column = column;
      this.template = template;
      this.most = most;
      this.temperature = temperature;
      this.seed = seed;
      ahead = 2 * atOnce;
    }

    @Override
    public boolean hasNext() {
      return !asked.isEmpty() || rows.hasNext();
    }

    @Override
    public Row next() {
      while (asked.size() < ahead && rows.hasNext()) {
        Row row = rows.next();
        String prompt = row.isNullAt(column) ? null : row.getString(column);
        asked.add(new Asked(row, prompt == null ? null : ask(prompt)));
      }
      Asked first = asked.remove();
      Generation g = first.text() == null ? null : first.text().await();
      Object[] values = new Object[first.row().size() + 2];
      for (int i = 0; i < first.row().size(); i++) {
        values[i] = first.row().get(i);
      }
      values[values.length - 2] = g == null ? null : g.text();
      values[values.length - 1] = g == null ? null : g.finish().toString();
      return RowFactory.create(values);
    }

    private Scheduler.Handle ask(String prompt) {
      GenerationOptions.Builder how = GenerationOptions.builder().maxNewTokens(most);
      if (temperature > 0) {
        how.temperature(temperature).seed(31L * seed + prompt.hashCode());
      }
      return model.submit(new Prompt.Text(prompt, template), how.build(), null);
    }
  }
}
