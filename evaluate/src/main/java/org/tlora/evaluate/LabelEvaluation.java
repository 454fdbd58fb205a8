/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.tlora.collective.Collective;
import org.tlora.data.LabelledTokens;
import org.tlora.data.format.Example;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.Fields;
import org.tlora.data.format.LabelledFormats;
import org.tlora.data.format.Row;
import org.tlora.data.format.RowNotes;
import org.tlora.engine.Scope;
import org.tlora.engine.Tensor;
import org.tlora.evaluate.task.LabelTask;
import org.tlora.evaluate.task.Metric;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.format.Json;
import org.tlora.model.Adaptation;
import org.tlora.model.Batch;
import org.tlora.model.SequenceClassifier;
import org.tlora.text.TextPair;
import org.tlora.text.Tokenizer;

/** Scores the labels that an encoder gives. */
final class LabelEvaluation {
  private static final int MOST_TOKENS = 512;

  private final LabelTask task;
  private final SequenceClassifier model;
  private final Adaptation adapters;
  private final List<ObjectNode> samples = new ArrayList<>();
  private final double[] truth;
  private final double[] said;
  private final long start = System.nanoTime();
  private long tokens;

  private LabelEvaluation(LabelTask task, SequenceClassifier model, Adaptation adapters, int rows) {
    this.task = task;
    this.model = model;
    this.adapters = adapters;
    truth = new double[rows];
    said = new double[rows];
  }

  static TaskResult of(
      LabelTask task,
      List<Row> rows,
      SequenceClassifier model,
      Adaptation adapters,
      Tokenizer tokenizer,
      int atOnce,
      Collective group,
      IntConsumer afterEach) {
    if (rows.size() < 2) {
      throw new InputFault("task " + task.name() + " needs two rows at least");
    }
    LabelEvaluation evaluation = new LabelEvaluation(task, model, adapters, rows.size());
    ExampleFormat format = LabelledFormats.choose("auto", Fields.OWN, rows.get(0));
    for (int i = 0; i < rows.size(); i += atOnce) {
      int end = Math.min(rows.size(), i + atOnce);
      if (i / atOnce % group.size() == group.rank()) {
        evaluation.look(rows.subList(i, end), i, format, tokenizer);
      }
      afterEach.accept(end);
      group.works();
    }
    evaluation.join(group);
    return evaluation.result();
  }

  /** Brings together what all processes have looked at. */
  private void join(Collective group) {
    if (!group.isGroup()) {
      return;
    }
    System.arraycopy(group.sum(truth), 0, truth, 0, truth.length); // others' places are 0
    System.arraycopy(group.sum(said), 0, said, 0, said.length);
    tokens = (long) group.sum((double) tokens)[0];
    String own = samples.stream().map(Json::compact).collect(Collectors.joining("\n"));
    List<ObjectNode> all = new ArrayList<>();
    for (byte[] each : group.gather(own.getBytes(UTF_8))) {
      new String(each, UTF_8)
          .lines()
          .filter(l -> !l.isEmpty())
          .forEach(l -> all.add(Json.parseObject(l, "a sample of another process")));
    }
    all.sort(Comparator.comparingLong(s -> s.path("row").asLong()));
    samples.clear();
    samples.addAll(all);
  }

  private void look(List<Row> rows, int from, ExampleFormat format, Tokenizer tokenizer) {
    int most = Math.min(MOST_TOKENS, model.config().mostTokens());
    List<Example.Labelled> examples = new ArrayList<>();
    List<LabelledTokens> encoded = new ArrayList<>();
    for (Row row : rows) {
      Example.Labelled e = (Example.Labelled) format.read(row, new RowNotes(false));
      TextPair pair = tokenizer.encodePair(e.first(), e.second(), most);
      double label = task.valueOf(e.label(), model.labels(), e.where());
      truth[from + examples.size()] = label;
      examples.add(e);
      tokens += pair.ids().length;
      encoded.add(new LabelledTokens(pair.ids(), pair.secondFrom(), label));
    }
    try (Scope scope = new Scope()) {
      Tensor logits = model.logits(Batch.of(encoded), adapters);
      float[] scores = logits.toFloats();
      for (float v : scores) {
        if (!Float.isFinite(v)) {
          throw new RunFault(
              "the model's scores are no numbers from "
                  + rows.get(0).where()
                  + " on: its weights or its adapter are broken, or too large for this `dtype`");
        }
      }
      long[] best = logits.argmax().toLongs();
      for (int i = 0; i < rows.size(); i++) {
        boolean numbers = model.labels().isRegression();
        said[from + i] = numbers ? scores[i] : best[i];
        ObjectNode line = sample(rows.get(i), examples.get(i), said[from + i]);
        ArrayNode all = line.putArray("scores");
        int outputs = model.labels().outputs();
        for (int o = 0; o < outputs; o++) {
          all.add(scores[i * outputs + o]);
        }
        samples.add(line);
      }
    }
  }

  private ObjectNode sample(Row row, Example.Labelled e, double answer) {
    ObjectNode line = Json.object().put("task", task.name()).put("row", row.number());
    line.put("text", e.first());
    if (e.second() != null) {
      line.put("second_text", e.second());
    }
    line.put("label", e.label());
    if (model.labels().isRegression()) {
      return line.put("extracted", answer);
    }
    double wanted = task.valueOf(e.label(), model.labels(), e.where());
    line.put("extracted", model.labels().classes().get((int) answer));
    return line.put("correct", answer == wanted);
  }

  private TaskResult result() {
    Metric first = task.metrics().get(0);
    Map<String, Double> others = new LinkedHashMap<>();
    for (Metric m : task.metrics().subList(1, task.metrics().size())) {
      others.put(m.label(), m.of(truth, said));
    }
    return new TaskResult(
        task,
        task.metric(),
        null,
        first.of(truth, said),
        first.standardError(truth, said),
        truth.length,
        others,
        Map.of(),
        new TaskResult.Speed((System.nanoTime() - start) / 1e9, tokens),
        samples,
        new RowFigure.OfLabels(first, truth, said));
  }
}
