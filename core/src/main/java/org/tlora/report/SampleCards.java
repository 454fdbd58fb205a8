/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.run.Sample;
import org.tlora.tune.RunSamples;

/** What a model says, before, during and after its run. */
final class SampleCards {
  /** So many are open. */
  private static final int OPEN = 3;

  /** So many times of a run are shown, with the first and the last of them. */
  private static final int TIMES = 8;

  private SampleCards() {}

  /**
   * The base's answers beside those of what was trained, and the reference.
   *
   * @param before to the same prompts in the same order, or none
   */
  static Report.Samples compared(List<Sample> before, List<Sample> now) {
    List<Report.Card> cards = new ArrayList<>();
    for (int i = 0; i < now.size(); i++) {
      Sample s = now.get(i);
      List<Report.Answer> answers = new ArrayList<>();
      if (i < before.size() && before.get(i).prompt().equals(s.prompt())) {
        answers.add(new Report.Answer("Base", before.get(i).text(), false));
      }
      answers.add(new Report.Answer("Tuned", s.text(), true));
      addReference(answers, s);
      cards.add(new Report.Card(s.prompt(), answers));
    }
    return new Report.Samples(cards, OPEN);
  }

  private static void addReference(List<Report.Answer> answers, Sample s) {
    if (s.reference() != null) {
      answers.add(new Report.Answer("Reference", s.reference(), false));
    }
  }

  /** The first and the newest answers of a run that goes on; none where there are no samples. */
  static Report.Samples soFar(List<RunSamples.At> during) {
    List<Report.Card> cards = new ArrayList<>();
    byPrompt(during)
        .forEach(
            (prompt, all) -> {
              List<Report.Answer> answers = new ArrayList<>();
              RunSamples.At first = all.get(0);
              RunSamples.At last = all.get(all.size() - 1);
              if (all.size() > 1) {
                answers.add(new Report.Answer(when(first), first.sample().text(), false));
              }
              answers.add(new Report.Answer(when(last), last.sample().text(), true));
              addReference(answers, last.sample());
              cards.add(new Report.Card(prompt, answers));
            });
    return new Report.Samples(cards, OPEN);
  }

  private static String when(RunSamples.At at) {
    return at.step() < 0 ? "Before the first step" : "After step " + (at.step() + 1);
  }

  private static Map<String, List<RunSamples.At>> byPrompt(List<RunSamples.At> during) {
    Map<String, List<RunSamples.At>> all = new LinkedHashMap<>();
    during.forEach(at -> all.computeIfAbsent(at.sample().prompt(), p -> new ArrayList<>()).add(at));
    return all;
  }

  /** What became of each prompt, one time below the other. */
  static Report.Table course(List<RunSamples.At> during) {
    List<Long> all = during.stream().map(RunSamples.At::step).distinct().sorted().toList();
    List<Long> shown = new ArrayList<>();
    int times = Math.min(TIMES, all.size());
    for (int i = 0; i < times; i++) {
      shown.add(all.get(times == 1 ? 0 : Math.round((float) i * (all.size() - 1) / (times - 1))));
    }
    List<List<String>> rows = new ArrayList<>();
    byPrompt(during)
        .forEach(
            (prompt, some) ->
                some.stream()
                    .filter(at -> shown.contains(at.step()))
                    .forEach(
                        at -> rows.add(List.of(prompt, "" + (at.step() + 1), at.sample().text()))));
    return new Report.Table(
        "Samples during the run", List.of("prompt", "after step", "generated"), rows, true);
  }
}
