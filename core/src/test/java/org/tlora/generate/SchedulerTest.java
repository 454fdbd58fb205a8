/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.engine.DType;
import org.tlora.engine.Device;
import org.tlora.engine.Random;
import org.tlora.engine.Tensor;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.model.AdapterMix;
import org.tlora.model.AdapterSet;
import org.tlora.model.KvPool;
import org.tlora.model.Linear;
import org.tlora.peft.adapter.LowRankAdapter;
import org.tlora.quickstart.TinyModels;

/** Texts come and go at any time, each with adapters, sampling and stop words of its own. */
class SchedulerTest {
  @TempDir private Path directory;

  private static int[] prompt(TinyModels tiny, String text) {
    return tiny.files().tokenizer().encode(text, true);
  }

  /** With a text, and the tokenizer's end of it. */
  private static GenerationRequest request(TinyModels tiny, int[] ids, int maxNewTokens) {
    return new GenerationRequest(ids, maxNewTokens)
        .withText(tiny.files().tokenizer())
        .endingWith(List.of(257));
  }

  private static Scheduler scheduler(TinyModels tiny, Scheduler.Limits limits) {
    return new Scheduler(tiny.model(), limits);
  }

  private static AdapterSet adapters(TinyModels tiny, long seed) {
    Linear first = tiny.model().linears().get(0);
    try (Random random = new Random(Device.CPU, seed)) {
      Tensor a = random.normal(0, 0.5, 4, first.inFeatures());
      Tensor b = random.normal(0, 0.5, first.outFeatures(), 4);
      return new AdapterSet(Map.of(first, new LowRankAdapter("q", a, b, 1, 0, false)));
    }
  }

  private static long bytes(TinyModels tiny, int slots, int tokens) {
    var a = tiny.model().config().attention();
    long width = (long) a.keyValueHeads() * a.headDim();
    return KvPool.bytes(tiny.model().config().layers(), width, slots, tokens);
  }

  @Test
  void textsSubmittedByManyThreadsAreThoseOfEachAlone() throws Exception {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet one = adapters(tiny, 1);
        AdapterSet two = adapters(tiny, 2)) {
      List<GenerationRequest> requests = new ArrayList<>();
      Sampling drawn = new Sampling(false, 0.8, 40, 0.9, 0, 1.1, 0, 7);
      for (int i = 0; i < 12; i++) {
        GenerationRequest r =
            request(tiny, prompt(tiny, "Write wo" + "lanike".substring(i % 6) + "."), 9);
        r = r.with(List.of(AdapterMix.NONE, AdapterMix.of(one), AdapterMix.of(two)).get(i % 3));
        r = i % 2 == 0 ? r : r.with(drawn).withStream(i);
        requests.add(i % 5 == 0 ? r.with(new StopWords(List.of("e"))) : r);
      }
      List<Generation> alone = new ArrayList<>();
      for (GenerationRequest r : requests) {
        try (Scheduler single = scheduler(tiny, Scheduler.Limits.of(1))) {
          Scheduler.Handle handle = single.submit(r, GenerationListener.NONE);
          single.runAll();
          alone.add(handle.result().join());
        }
      }
      try (Scheduler many = scheduler(tiny, Scheduler.Limits.of(5))) {
        many.start();
        List<Scheduler.Handle> handles =
            new ArrayList<>(requests.stream().map(r -> (Scheduler.Handle) null).toList());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
          int own = i;
          Thread t =
              new Thread(
                  () -> {
                    synchronized (handles) {
                      handles.set(own, many.submit(requests.get(own), GenerationListener.NONE));
                    }
                  });
          t.start();
          threads.add(t);
        }
        for (Thread t : threads) {
          t.join();
        }
        for (int i = 0; i < requests.size(); i++) {
          Generation g = handles.get(i).result().get(60, TimeUnit.SECONDS);
          assertArrayEquals(alone.get(i).ids(), g.ids(), "text " + i);
          assertEquals(alone.get(i).text(), g.text());
          assertEquals(alone.get(i).finish(), g.finish());
          assertEquals(requests.get(i).promptIds().length, g.promptTokens());
        }
      }
    }
  }

  @Test
  void aTextThatIsCancelledEndsWithWhatThereIs() throws Exception {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        Scheduler s = new Scheduler(tiny.model(), Scheduler.Limits.of(1))) {
      CountDownLatch begun = new CountDownLatch(1);
      GenerationListener look =
          new GenerationListener() {
            @Override
            public boolean wantsText() {
              return true;
            }

            @Override
            public void onText(String text) {
              begun.countDown();
            }
          };
      s.start();
      Scheduler.Handle running =
          s.submit(request(tiny, prompt(tiny, "Count"), 4000).endingWith(List.of()), look);
      Scheduler.Handle waiting =
          s.submit(
              request(tiny, prompt(tiny, "Count"), 4000).endingWith(List.of()),
              GenerationListener.NONE);
      assertTrue(begun.await(60, TimeUnit.SECONDS));
      waiting.cancel();
      running.cancel();
      Generation some = running.result().get(60, TimeUnit.SECONDS);
      Generation none = waiting.result().get(60, TimeUnit.SECONDS);
      assertEquals(FinishReason.CANCELLED, some.finish());
      assertTrue(some.ids().length > 0 && some.ids().length < 4000, "" + some.ids().length);
      assertEquals(FinishReason.CANCELLED, none.finish());
      assertEquals(0, none.ids().length);
    }
  }

  @Test
  void textsWaitForRoomAndThoseThatNeverFitAreRefused() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      long room = bytes(tiny, 2, 64);
      try (Scheduler s = scheduler(tiny, new Scheduler.Limits(8, room))) {
        List<Scheduler.Handle> handles = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
          handles.add(
              s.submit(
                  request(tiny, prompt(tiny, "Write banoke backwards."), 20),
                  GenerationListener.NONE));
        }
        UsageFault refused =
            assertThrows(
                UsageFault.class,
                () ->
                    s.submit(
                        request(tiny, prompt(tiny, "Count"), 4000).endingWith(List.of()),
                        GenerationListener.NONE));
        assertTrue(refused.getMessage().contains("4,000 new ones"), refused.getMessage());
        s.runAll();
        handles.forEach(h -> assertEquals("ekonab\n", h.result().join().text()));
      }
    }
  }

  @Test
  void aConversationComputesOnlyWhatIsNew() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        AdapterSet other = adapters(tiny, 3);
        Scheduler s = scheduler(tiny, Scheduler.Limits.of(1))) {
      int[] first = prompt(tiny, "Write banoke backwards. Write wolani backwards.");
      Scheduler.Handle one =
          s.submit(request(tiny, first, 6).keepingComputed(), GenerationListener.NONE);
      s.runAll();
      assertEquals(0, one.result().join().reusedTokens());
      int[] second = prompt(tiny, "Write banoke backwards. Write wolani backwards. Spell wu");
      Scheduler.Handle two =
          s.submit(request(tiny, second, 6).withLogits(), GenerationListener.NONE);
      Scheduler.Handle adapted =
          s.submit(request(tiny, second, 6).with(AdapterMix.of(other)), GenerationListener.NONE);
      s.runAll();
      Generation reused = two.result().join();
      assertTrue(reused.reusedTokens() >= first.length - 1, "" + reused.reusedTokens());
      assertEquals(0, adapted.result().join().reusedTokens(), "other adapters compute otherwise");
      try (Scheduler fresh = scheduler(tiny, Scheduler.Limits.of(1))) {
        Scheduler.Handle whole =
            fresh.submit(request(tiny, second, 6).withLogits(), GenerationListener.NONE);
        fresh.runAll();
        assertArrayEquals(whole.result().join().ids(), reused.ids());
        assertArrayEquals(
            whole.result().join().lastPromptLogits(), reused.lastPromptLogits(), 1e-4f);
      }
    }
  }

  @Test
  void adaptersThatAreClosedWhileATextRunsAreFreedBehindIt() throws Exception {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      AdapterSet set = adapters(tiny, 4);
      Tensor a = ((LowRankAdapter) set.on(tiny.model().linears().get(0))).a();
      GenerationRequest request =
          request(tiny, prompt(tiny, "Count"), 300).endingWith(List.of()).with(AdapterMix.of(set));
      try (Scheduler s = new Scheduler(tiny.model(), Scheduler.Limits.of(2))) {
        Scheduler.Handle before = s.submit(request, GenerationListener.NONE);
        s.runAll();
        s.start();
        Scheduler.Handle running = s.submit(request, GenerationListener.NONE);
        set.close();
        assertArrayEquals(
            before.result().join().ids(), running.result().get(60, TimeUnit.SECONDS).ids());
        assertTrue(a.isClosed(), "freed with the text that used it last");
        assertThrows(IllegalStateException.class, () -> s.submit(request, GenerationListener.NONE));
      }
    }
  }

  @Test
  void aModelWithoutNumbersFailsTheTextsAndTheNextOnesToo() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32);
        Scheduler s = scheduler(tiny, Scheduler.Limits.of(2))) {
      tiny.model().weight("model.norm.weight").fillInPlace(Double.NaN);
      Scheduler.Handle some =
          s.submit(request(tiny, prompt(tiny, "Count"), 3), GenerationListener.NONE);
      assertThrows(RunFault.class, s::runAll);
      CompletionException failure =
          assertThrows(CompletionException.class, () -> some.result().join());
      assertTrue(failure.getCause().getMessage().contains("no numbers"), failure.getMessage());
      Scheduler.Handle prompt =
          s.submit(request(tiny, prompt(tiny, "Count"), 0), GenerationListener.NONE);
      assertThrows(RunFault.class, s::runAll);
      assertTrue(prompt.result().isCompletedExceptionally());
    }
  }

  @Test
  void closingFailsWhatIsNotDone() {
    try (TinyModels tiny = new TinyModels(directory, DType.FLOAT32)) {
      Scheduler s = scheduler(tiny, Scheduler.Limits.of(1));
      Scheduler.Handle waiting =
          s.submit(request(tiny, prompt(tiny, "Count"), 3), GenerationListener.NONE);
      s.close();
      assertTrue(waiting.result().isCompletedExceptionally());
      assertThrows(
          IllegalStateException.class,
          () -> s.submit(request(tiny, prompt(tiny, "Count"), 3), GenerationListener.NONE));
    }
  }
}
