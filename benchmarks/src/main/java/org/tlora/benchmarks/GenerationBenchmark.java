/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.benchmarks;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Engine;
import org.tlora.engine.ProcessMemory;
import org.tlora.format.Json;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.Generator;
import org.tlora.generate.Sampling;
import org.tlora.generate.StopWords;
import org.tlora.model.AdapterMix;
import org.tlora.model.AdapterSet;
import org.tlora.model.CausalLm;
import org.tlora.model.weight.WeightForms;
import org.tlora.pretrained.BaseWeights;
import org.tlora.pretrained.PretrainedModel;

/**
 * Greedy generation of a number of tokens in rows side by side, or the first token behind a long
 * prompt; prints a line of JSON.
 */
public final class GenerationBenchmark {
  private static final String TEXT =
      "A train leaves at noon and arrives at four. It goes ninety kilometres an hour. How far does it"
          + " go?";

  private static final int WARM_UP_TOKENS = 32;

  private GenerationBenchmark() {}

  /**
   * Arguments: model, rows, tokens, what weights are (a dtype, int8, as-stored or what --quantize
   * takes, the last two with -bfloat16 behind it where that is computed in), threads, and the
   * tokens of the prompt where it is long: then its tokens are counted, not those that are made.
   */
  public static void main(String[] args) {
    int rows = Integer.parseInt(args[1]);
    int tokens = Integer.parseInt(args[2]);
    boolean int8 = args[3].equals("int8");
    DType type = args[3].endsWith("bfloat16") ? DType.BFLOAT16 : DType.FLOAT32;
    BaseWeights base = Forms.named(args[3].replace("-bfloat16", ""));
    Engine.setThreads(Integer.parseInt(args[4]));
    try (PretrainedModel files = PretrainedModel.open(Path.of(args[0]));
        CausalLm model = files.load(type, Device.CPU, base)) {
      if (int8) {
        model.convert(WeightForms.named("int8"), AdapterSet.empty());
      }
      int[] ids = files.tokenizer().encode(TEXT, true);
      Generator generator = new Generator(model, AdapterMix.NONE, files.tokenizer(), List.of());
      int prompt = args.length > 5 ? Integer.parseInt(args[5]) : 0;
      if (prompt > 0) {
        int[] text = ids;
        ids = IntStream.range(0, prompt).map(i -> text[i % text.length]).toArray();
      }
      run(generator, ids, rows, prompt > 0 ? 1 : WARM_UP_TOKENS);
      long start = System.nanoTime();
      run(generator, ids, rows, tokens);
      double seconds = (System.nanoTime() - start) / 1e9;
      int counted = prompt > 0 ? prompt : tokens;
      System.out.println(
          Json.compact(
              Json.object()
                  .put("tokens_per_second", rows * counted / seconds)
                  .put("weight_bytes", model.weightBytes())
                  .put("peak_bytes", ProcessMemory.peakBytes())));
    }
  }

  private static void run(Generator generator, int[] ids, int rows, int tokens) {
    List<GenerationRequest> requests =
        Collections.nCopies(rows, new GenerationRequest(ids, tokens));
    generator.generate(requests, Sampling.GREEDY, StopWords.NONE, rows, done -> {});
  }
}
