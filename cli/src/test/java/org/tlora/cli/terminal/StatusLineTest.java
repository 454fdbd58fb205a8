/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.tlora.run.Sample;
import org.tlora.run.StepReport;

/** What is shown of a run: on a terminal, in a log, to a program. */
class StatusLineTest {
  private static StepReport step(long step, double loss) {
    return new StepReport(
        step,
        100,
        Map.of(
            StepReport.LOSS,
            loss,
            StepReport.TOKENS_PER_SECOND,
            512.4,
            StepReport.PEAK_RSS_BYTES,
            1.26e9));
  }

  private static StatusLine after(boolean blocks, double... losses) {
    StatusLine line = new StatusLine(blocks);
    for (int i = 0; i < losses.length; i++) {
      line.step(step(i, losses[i]));
    }
    return line;
  }

  @Test
  void aLineHasThePhaseTheLossItsCourseThePaceMemoryAndTheTime() {
    StatusLine line = after(true, 8, 6, 4, 2, 1);
    assertEquals(
        "training  5/100  [            ]  loss 1.0000  █▆▄▂▁  512 tokens/s  1.17 GiB  0:19 left",
        line.text("training", 5, 100, "0:19 left", true, 90).strip());
    assertEquals(
        "gsm8k  50/100  [######      ]", line.text("gsm8k", 50, 100, "", false, 90).strip());
    assertTrue(after(false, 8, 1).text("training", 2, 9, "", true, 90).contains("  #_  "));
  }

  @Test
  void whatHasNoRoomIsLeftOutTheLeastTellingFirst() {
    StatusLine line = after(true, 8, 6, 4, 2, 1);
    assertEquals(
        "training  5/100  loss 1.0000  512 tokens/s  0:19 left",
        line.text("training", 5, 100, "0:19 left", true, 59).strip());
    assertEquals(
        "training  5/100  loss 1.0000",
        line.text("training", 5, 100, "0:19 left", true, 30).strip());
    assertEquals("training", line.text("training", 5, 100, "", true, 12).strip());
  }

  @Property(tries = 200)
  void aLineIsAsWideAsTheTerminal(
      @ForAll @IntRange(min = 1, max = 200) int width,
      @ForAll @IntRange(min = 0, max = 300) int steps) {
    StatusLine line = new StatusLine(true);
    for (int i = 0; i < steps; i++) {
      line.step(step(i, i % 7 == 6 ? Double.NaN : 300.0 / (1 + i)));
    }
    assertEquals(width, line.text("training", steps, 300, "1:02:03 left", true, width).length());
  }

  @Test
  void theTimeLeftGoesByThePaceSinceThePhaseBegan() {
    long second = TimeUnit.SECONDS.toNanos(1);
    assertEquals("", StatusLine.left(40, 100, 40, second), "nothing is known yet");
    assertEquals("1:00 left", StatusLine.left(41, 101, 40, second), "a run that went on");
    assertEquals("2:46:40 left", StatusLine.left(1, 10_001, 0, second));
    assertEquals("", StatusLine.left(100, 100, 40, second));
  }

  private interface Told {
    void to(Progress progress);
  }

  private static String shown(Told told) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      try (Progress progress = new Progress()) {
        told.to(progress);
      }
      return bytes.toString(StandardCharsets.UTF_8);
    } finally {
      System.setErr(before);
    }
  }

  @Test
  void aLogHasPlainLines() {
    Map<String, Double> scalars = new LinkedHashMap<>();
    scalars.put("eval_loss", 2.5);
    scalars.put("eval_gsm8k", 0.25);
    scalars.put("eval_gsm8k_stderr", 0.1);
    String log =
        shown(
            p -> {
              p.step(step(0, 3));
              p.step(step(1, 3));
              p.step(step(99, 2));
              p.evaluation(99, scalars);
              p.samples(-1, List.of(new Sample("Shout kiwi", null, "IWIK\nand more")));
              p.samples(99, List.of(new Sample("Shout kiwi", null, "IWIK")));
            });
    assertEquals(
        List.of(
            "training 1/100: loss 3.0000, 512 tokens/s",
            "training 100/100: loss 2.0000, 512 tokens/s",
            "step 99: held-out loss 2.5000, gsm8k 0.2500",
            "before the first step: writes 'IWIK ...'",
            "step 99: writes 'IWIK'"),
        log.lines().toList());
  }

  @Test
  void aProgramIsToldByObjects() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    JsonLines lines =
        new JsonLines(new PrintStream(bytes, true, StandardCharsets.UTF_8), text -> text);
    lines.best(8, "eval_loss", 2.5);
    lines.samples(7, List.of(new Sample("a\nb", "c", "d"), new Sample("e", null, "f")));
    lines.written(Path.of("report.html"));
    assertEquals(
        List.of(
            "{\"event\":\"best\",\"steps\":8,\"metric\":\"eval_loss\",\"value\":2.5}",
            "{\"event\":\"sample\",\"step\":7,\"prompt\":\"a\\n"
                + "b\",\"reference\":\"c\",\"text\":\"d\"}",
            "{\"event\":\"sample\",\"step\":7,\"prompt\":\"e\",\"text\":\"f\"}",
            "{\"event\":\"written\",\"file\":\"report.html\"}"),
        bytes.toString(StandardCharsets.UTF_8).lines().toList());
  }
}
