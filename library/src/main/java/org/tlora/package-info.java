/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The library as programs use it. {@link org.tlora.LanguageModel} is where to begin: it loads a
 * model by its path or its id on the hub, continues texts, talks ({@link org.tlora.Chat}), trains
 * ({@link org.tlora.Tuning}, {@link org.tlora.TrainingRun}), is scored ({@link
 * org.tlora.Evaluation}), compared by method ({@link org.tlora.Contest}) and written for other
 * programs ({@link org.tlora.ModelExport}).
 *
 * <pre>{@code
 * try (LanguageModel model = LanguageModel.load("HuggingFaceTB/SmolLM2-135M-Instruct")) {
 *   Tuning tuning =
 *       Tuning.builder().data("train.jsonl").rank(16).output(Path.of("runs/first")).build();
 *   TrainingResult result = model.train(tuning).join();
 *   try (TrainedAdapter adapter = model.adapter(result.output().toString())) {
 *     model.attach(adapter);
 *     System.out.println(model.generate("What is a low rank adapter?"));
 *   }
 * }
 * }</pre>
 *
 * <p>Options are built, immutable, and safe for threads; a builder reports everything that is wrong
 * at once, as a {@link org.tlora.fault.UsageFault} that names properties in backquotes. Faults of
 * input and of a run are {@link org.tlora.fault.InputFault} and {@link org.tlora.fault.RunFault}.
 * Whoever loads closes: models and adapters hold native memory that no collector frees.
 *
 * <p>Ranks, steps, rows and tokens are counts; rates, shares and dropout have no unit; memory is in
 * bytes; times are in seconds. The same options, seed and input give the same bits.
 */
package org.tlora;
