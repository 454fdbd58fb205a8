/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.engine.DType;
import org.tlora.fault.UsageFault;
import org.tlora.quickstart.TinyModels;

/** Prompts in pieces, and what has a say in which token comes next. */
class PiecesAndChoicesTest {
  @TempDir private Path directory;

  private static GenerationRequest request(TinyModels tiny, String text, int maxNewTokens) {
    int[] ids = tiny.files().tokenizer().encode(text, true);
    return new GenerationRequest(ids, maxNewTokens).withText(tiny.files().tokenizer());
  }

  private static List<Generation> run(
      TinyModels tiny, Scheduler.Limits limits, List<GenerationRequest> requests) {
    try (Scheduler scheduler = new Scheduler(tiny.model(), limits)) {
      List<Scheduler.Handle> handles = new ArrayList<>();
      requests.forEach(r -> handles.add(scheduler.submit(r, GenerationListener.NONE)));
      scheduler.runAll();
      return handles.stream().map(Scheduler.Handle::await).toList();
    }
  }

  private static Generation run(TinyModels tiny, GenerationRequest request) {
    return run(tiny, Scheduler.Limits.of(1), List.of(request)).get(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 40})
  void aPromptInPiecesIsThePrompt(int piece) {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      List<GenerationRequest> requests = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        requests.add(request(tiny, "Double lanikebo. ".repeat(1 + i * 3 % 5), i * 2));
      }
      List<Generation> whole = run(tiny, Scheduler.Limits.of(1), requests);
      List<Generation> pieces = run(tiny, new Scheduler.Limits(4, Long.MAX_VALUE, piece), requests);
      for (int i = 0; i < requests.size(); i++) {
        assertArrayEquals(whole.get(i).ids(), pieces.get(i).ids(), "text " + i);
        assertEquals(whole.get(i).finish(), pieces.get(i).finish());
      }
    }
  }

  /** What all begin with is run once, though they come at the same time. */
  @Test
  void whatPromptsBeginWithIsRunOnce() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      String beginning = "Double lanikebo, and then say it again. ".repeat(4);
      List<GenerationRequest> requests = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        String own = beginning + "wo" + "lanike".substring(i) + ".";
        requests.add(request(tiny, own, 5 + i).keepingComputed());
      }
      int all = requests.get(0).promptIds().length;
      List<Generation> beside = run(tiny, Scheduler.Limits.of(6), requests);
      for (int i = 0; i < 6; i++) {
        Generation alone = run(tiny, requests.get(i));
        assertArrayEquals(alone.ids(), beside.get(i).ids());
        int reused = beside.get(i).reusedTokens();
        assertTrue(i == 0 ? reused == 0 : reused > all * 3 / 4, i + ": " + reused + " of " + all);
      }
    }
  }

  @Test
  void scoresAreThoseOfTheModelWhateverIsChosen() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      GenerationRequest plain = request(tiny, "Double lanikebo.", 6).withScores(3);
      Generation greedy = run(tiny, plain);
      assertEquals(6, greedy.scores().size());
      for (int i = 0; i < 6; i++) {
        ScoredToken s = greedy.scores().get(i);
        assertEquals(greedy.ids()[i], s.id());
        assertEquals(s.id(), s.best().get(0).id());
        assertEquals(s.logProbability(), s.best().get(0).logProbability());
        assertTrue(s.best().get(0).logProbability() >= s.best().get(1).logProbability());
        double sum = s.best().stream().mapToDouble(c -> Math.exp(c.logProbability())).sum();
        assertTrue(sum > 0 && sum <= 1 + 1e-6, "" + sum);
      }
      int best = greedy.ids()[0];
      Generation other = run(tiny, plain.with(new TokenBias(Map.of(best, -100.0), 0)));
      assertEquals(best, other.scores().get(0).best().get(0).id(), "scores are before the bias");
      assertFalse(other.ids()[0] == best);
      assertEquals(0, run(tiny, request(tiny, "a", 2)).scores().size());
    }
  }

  @Test
  void presenceCountsOnce() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      GenerationRequest r = request(tiny, "Double lanikebo.", 12);
      Generation varied = run(tiny, r.with(new TokenBias(Map.of(), 100)));
      long different = Arrays.stream(varied.ids()).distinct().count();
      assertEquals(12, different, "no token comes twice");
      assertThrows(UsageFault.class, () -> new TokenBias(Map.of(3, 101.0), 0));
      assertThrows(UsageFault.class, () -> new TokenBias(Map.of(3, Double.NaN), 0));
      assertThrows(UsageFault.class, () -> new TokenBias(Map.of(), 101));
    }
  }

  @Test
  void whatOneTextCannotHaveEndsItAlone() throws Exception {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        Scheduler s = new Scheduler(tiny.model(), Scheduler.Limits.of(4))) {
      Scheduler.Handle wrong =
          s.submit(
              request(tiny, "a", 4).with(new TokenBias(Map.of(1_000_000, 1.0), 0)),
              GenerationListener.NONE);
      Scheduler.Handle right = s.submit(request(tiny, "a", 4), GenerationListener.NONE);
      s.start();
      assertEquals(4, right.result().get(60, TimeUnit.SECONDS).ids().length);
      assertTrue(assertThrows(UsageFault.class, wrong::await).getMessage().contains("1000000"));
    }
  }

  /** A constraint to even tokens, five of them. */
  private static final class Even implements Constraint {
    private int count;

    @Override
    public void restrict(float[] logits) {
      for (int i = 1; i < logits.length; i += 2) {
        logits[i] = Float.NEGATIVE_INFINITY;
      }
    }

    @Override
    public void accept(int token) {
      count++;
    }

    @Override
    public boolean isDone() {
      return count == 5;
    }
  }

  @Test
  void aConstraintIsHeldToAndEndsTheText() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      GenerationRequest r = request(tiny, "Double lanikebo.", 12).constrainedBy(Even::new);
      List<Generation> all = run(tiny, Scheduler.Limits.of(2), List.of(r, r, r));
      for (Generation g : all) {
        assertEquals(5, g.ids().length);
        assertEquals(FinishReason.STOP, g.finish());
        assertTrue(Arrays.stream(g.ids()).allMatch(id -> id % 2 == 0));
      }
    }
  }

  /** Bytes as tokens, some of which are halves of letters, with a decoder that strips a space. */
  @Property(tries = 300)
  void aGrowingTextIsTheTextOfItsTokens(
      @ForAll @Size(max = 120) List<@net.jqwik.api.constraints.IntRange(max = 9) Integer> tokens,
      @ForAll boolean strips) {
    byte[][] pieces = {
      {'a'},
      {' ', 'b'},
      {(byte) 0xe6},
      {(byte) 0x97},
      {(byte) 0xa5},
      {' '},
      {'x', 'y'},
      {(byte) 0xf0, (byte) 0x9f},
      {(byte) 0x98, (byte) 0x80},
      {'\n'}
    };
    Function<int[], String> decoder =
        ids -> {
          var out = new java.io.ByteArrayOutputStream();
          Arrays.stream(ids).forEach(id -> out.writeBytes(pieces[id]));
          String text = out.toString(java.nio.charset.StandardCharsets.UTF_8);
          return strips && text.startsWith(" ") ? text.substring(1) : text;
        };
    GrowingText text = new GrowingText(decoder);
    int[] all = new int[tokens.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = tokens.get(i);
      text.add(all[i]);
      String whole = decoder.apply(Arrays.copyOf(all, i + 1));
      assertEquals(whole.replaceAll("\uFFFD+$", ""), text.soFar().replaceAll("\uFFFD+$", ""));
    }
  }
}
