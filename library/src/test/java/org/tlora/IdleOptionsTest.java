/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlora.collective.Alone;
import org.tlora.fault.UsageFault;
import org.tlora.peft.method.PeftMethods;

/** For every option and method: it does something, it is said that it does nothing, or refused. */
class IdleOptionsTest {
  private static final String ALL =
      "full lora rslora lora+ adalora dora olora pissa lora-ga corda eva lora-one gora tlora";
  private static final String NO_CALIBRATION = "full lora rslora lora+ adalora dora olora pissa";

  /**
   * A value that is not the usual one, and what becomes of it.
   *
   * @param idle methods with which it does nothing
   * @param refused methods that it does not go with
   */
  private record Line(String value, Set<String> idle, Set<String> refused) {}

  private static Line line(String value, String idle, String refused) {
    return new Line(value, set(idle), set(refused));
  }

  private static Set<String> set(String names) {
    return names.isEmpty() ? Set.of() : Set.of(names.split(" "));
  }

  /** The table, of a decoder that one process trains, which is evaluated on nothing. */
  private static Map<String, Line> table() {
    Map<String, Line> all = new TreeMap<>();
    all.put("rank", line("4", "full", ""));
    all.put("alpha", line("4", "full", ""));
    all.put("dropout", line("0.1", "full", ""));
    all.put("target-modules", line("q_proj", "full", ""));
    all.put("modules-to-save", line("lm_head", "", "full"));
    all.put("trainable-tokens", line("id=1", "", "full"));
    all.put("new-tokens", line("<a>", "", ""));
    all.put("init-adapter", line("adapter", "", "full"));
    all.put("quantize", line("nf4", "", "full"));
    all.put("base-weights", line("dense", "", ""));
    all.put("calibration-data", line("c.jsonl", NO_CALIBRATION, ""));
    all.put("calibration-samples", line("64", NO_CALIBRATION, ""));
    all.put("calibration-memory", line("1G", NO_CALIBRATION + " eva", ""));
    all.put("calibration-batch-size", line("2", NO_CALIBRATION + " corda tlora", ""));
    all.put("calibration-cache", line("cache", NO_CALIBRATION + " eva", ""));
    all.put("eval-every", line("5", ALL, ""));
    all.put("eval-data", line("e.jsonl", "", ""));
    all.put("held-out", line("3", "", ""));
    all.put("validation-share", line("0.1", "", ""));
    all.put("best-metric", line("eval_loss", "", ALL)); // which is not found out, as below
    all.put("early-stopping-patience", line("2", "", ALL));
    all.put("early-stopping-threshold", line("0.1", "", ALL));
    all.put("eval-tasks", line("gsm8k", "", ALL));
    all.put("eval-task-data", line("t.jsonl", "", ALL));
    all.put("eval-task-limit", line("5", "", ALL));
    all.put("sample-prompts", line("a", "", ALL));
    all.put("zero", line("1", ALL, ""));
    all.put("pair-field", line("a", ALL, ""));
    all.put("label-field", line("a", ALL, ""));
    all.put("labels", line("regression", ALL, ""));
    for (String always :
        List.of(
            "data=x.jsonl",
            "output=o2",
            "template=plain",
            "cutoff-length=64",
            "epochs=2",
            "steps=7",
            "batch-size=2",
            "micro-batch-size=1",
            "learning-rate=0.1",
            "schedule=linear",
            "warmup-ratio=0.5",
            "weight-decay=0.1",
            "max-grad-norm=2",
            "no-shuffle=true",
            "gradient-checkpointing=true",
            "max-bad-steps=1",
            "save-every=5",
            "keep=7",
            "sample-every=5",
            "track=tensorboard",
            "dtype=float32",
            "seed=5",
            "format=alpaca",
            "prompt-field=a",
            "response-field=b",
            "messages-field=c",
            "text-field=d",
            "columns=a",
            "on-bad-row=skip",
            "on-unused-field=fail",
            "learn=last",
            "thoughts=keep")) {
      String[] both = always.split("=");
      all.put(both[0], line(both[1], "", ""));
    }
    own(all, "train-a=true allocation=uniform alpha-allocation=uniform init=random", "tlora");
    own(all, "score=inputs scaling=root whiten=true", "tlora");
    own(all, "trainable-parameters=90000 trainable-share=0.01", "tlora");
    own(all, "lora-start=loftq lora-fa=true", "lora");
    own(all, "lora-plus-ratio=4", "lora+");
    own(all, "adalora-initial-rank=40 adalora-warmup-steps=1 adalora-final-steps=1", "adalora");
    own(all, "adalora-interval=1 adalora-beta1=0.5 adalora-beta2=0.5", "adalora");
    own(all, "adalora-orthogonality=0.1", "adalora");
    own(all, "pissa-iterations=4", "pissa");
    own(all, "lora-ga-variant=peft lora-ga-gamma=4", "lora-ga");
    own(all, "corda-mode=kpm", "corda");
    own(all, "eva-rho=1 eva-tau=0.9 eva-whiten=true", "eva");
    own(all, "lora-one-gamma=64", "lora-one");
    own(all, "gora-rate=0.1 gora-min-rank=1 gora-max-rank=40", "gora");
    own(all, "gora-direction=ascent gora-size=sum", "gora");
    return all;
  }

  /** Options of one method, which all others refuse. */
  private static void own(Map<String, Line> all, String options, String method) {
    Set<String> others = new TreeSet<>(PeftMethods.names());
    others.remove(method);
    for (String option : options.split(" ")) {
      String[] both = option.split("=");
      all.put(both[0], new Line(both[1], Set.of(), others));
    }
  }

  static Stream<String> methods() {
    return PeftMethods.names().stream();
  }

  private static Map<String, List<String>> options(String method, String... more) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    all.put("data", List.of("rows.jsonl"));
    all.put("output", List.of("out"));
    all.put("method", List.of(method));
    for (String option : more) {
      String[] both = option.split("=", 2);
      all.put(both[0], List.of(both[1]));
    }
    return all;
  }

  private static List<String> notes(Map<String, List<String>> options, boolean isEncoder) {
    return NamedOptions.tuning(options).build().idle(isEncoder, new Alone());
  }

  /** Also those that are added some day. */
  @Test
  void everyOptionHasItsLine() {
    Set<String> known = new TreeSet<>(NamedOptions.names());
    known.remove("method");
    PeftMethods.all().forEach(m -> m.options().forEach(o -> known.add(o.name())));
    assertEquals(known, table().keySet());
  }

  @ParameterizedTest
  @MethodSource("methods")
  void whatDoesNothingWithAMethodIsSaid(String method) {
    List<String> wrong = new ArrayList<>();
    table()
        .forEach(
            (name, line) -> {
              Map<String, List<String>> given = options(method, name + "=" + line.value());
              String said;
              try {
                List<String> notes = notes(given, false);
                said = notes.isEmpty() ? "used" : notes.size() == 1 ? "said" : notes.toString();
                boolean names =
                    notes.isEmpty() || notes.get(0).startsWith(property(name) + " does");
                said = names ? said : notes.toString();
              } catch (UsageFault e) {
                said = "refused";
              }
              String expected =
                  line.refused().contains(method)
                      ? "refused"
                      : line.idle().contains(method) ? "said" : "used";
              if (!said.equals(expected)) {
                wrong.add(name + " with " + method + " is " + said + ", not " + expected);
              }
            });
    assertEquals(List.of(), wrong);
  }

  private static String property(String name) {
    return org.tlora.fault.Property.named(name);
  }

  /** As run.yaml gives them, which has all of them. */
  @ParameterizedTest
  @MethodSource("methods")
  void usualValuesAreNotGiven(String method) {
    Map<String, List<String>> given = options(method);
    TuningBuilder.usual()
        .forEach(
            (name, value) -> given.put(name, List.of(("" + value).replaceAll("[\\[\\]]", ""))));
    given.remove("calibration-memory"); // there is no size of 0
    given.put("columns", List.of());
    assertEquals(List.of(), notes(given, false));
    assertEquals(List.of(), notes(given, true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          tlora    | steps=5 epochs=2                     | `epochs` does nothing: `steps` says
          tlora    | quantize=nf4 base-weights=dense      | `base-weights`: `quantize` says what
          tlora    | init-adapter=a rank=4                | `rank` does nothing: the ranks are
          adalora  | init-adapter=a rank=4                |
          lora     | init-adapter=a alpha=4               | `alpha` does nothing: `initAdapter` says
          lora     | init-adapter=a dropout=0.1           |
          tlora    | init-adapter=a init=random           | `init` does nothing: `initAdapter` says
          tlora    | init-adapter=a train-a=true          |
          corda    | init-adapter=a calibration-samples=8 | `calibration-samples`: starts from
          corda    | calibration-samples=auto             | gives all layers the same
          tlora    | calibration-samples=auto             |
          tlora    | eval-every=4 held-out=2              |
          tlora    | eval-every=4 validation-share=0.2    |
          tlora    | eval-every=4 best-metric=train_loss  |
          tlora    | eval-every=4 eval-tasks=gsm8k eval-task-data=t.jsonl |
          tlora    | allocation=uniform alpha-allocation=uniform init=random calibration-samples=4 \
          | does not calibrate with these options
          tlora    | allocation=uniform alpha-allocation=uniform score=inputs \
          | neither ranks nor alpha are shared out
          lora     | lora-start=cloq quantize=nf4 calibration-samples=4 |
          """)
  void optionsThatLeaveEachOtherNothing(String method, String given, String said) {
    List<String> notes = notes(options(method, given.split(" ")), false);
    if (said == null) {
      assertEquals(List.of(), notes);
      return;
    }
    assertEquals(1, notes.size(), notes.toString());
    for (String part : said.split(": ")) {
      String words = part.replaceAll("`base-weights`", "`baseWeights`");
      words = words.replaceAll("`calibration-samples`", "`calibrationSamples`");
      assertTrue(notes.get(0).contains(words), notes.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "template=plain, template",
    "prompt-field=a, promptField",
    "response-field=a, responseField",
    "messages-field=a, messagesField",
    "learn=last, learn",
    "thoughts=keep, thoughts"
  })
  void encodersLearnLabels(String given, String property) {
    assertEquals(
        List.of("`" + property + "` does nothing: the model is an encoder, which learns labels"),
        notes(options("lora", given), true));
    assertEquals(List.of(), notes(options("lora", given), false));
    assertEquals(List.of(), notes(options("lora", "labels=regression", "pair-field=b"), true));
  }

  @Test
  void aBudgetThatIsSaidTwiceIsRefusedBeforeAnythingIsRead() {
    Map<String, List<String>> twice = options("tlora", "rank=4", "trainable-share=0.1");
    UsageFault fault = assertThrows(UsageFault.class, () -> NamedOptions.tuning(twice).build());
    assertTrue(fault.getMessage().contains("exclude each other"), fault.getMessage());
  }
}
