/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.tlora.hub.FakeUploads.cut;
import static org.tlora.hub.FakeUploads.refusal;
import static org.tlora.hub.FakeUploads.status;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.fault.Fault;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;

/** Pushing to a hub that does as it should, and to one that does not. */
@Timeout(60)
class HubUploadTest {
  private static final String TOKEN = "hf_abcdefghijklmnopqrstuvwxyz";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final byte[] BYTES = bytes(300_000);
  private static final PushOptions USUAL = new PushOptions(false, "main", "a message", false);

  @TempDir private Path directory;
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<String> notes = new ArrayList<>();
  private final AtomicLong progress = new AtomicLong();
  private FakeHub server;
  private HubSettings settings;

  private static byte[] bytes(int count) {
    byte[] all = new byte[count];
    new Random(1).nextBytes(all);
    return all;
  }

  @BeforeEach
  void start() throws IOException {
    server = new FakeHub();
    server.requiredToken = TOKEN;
    settings = server.settings(directory, TOKEN);
    Files.write(directory.resolve(WEIGHTS), BYTES);
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.close();
  }

  private List<UploadFile> files() {
    return List.of(
        UploadFile.of("README.md", "# a card\n".getBytes(StandardCharsets.UTF_8)),
        UploadFile.of("adapter_config.json", "{}".getBytes(StandardCharsets.UTF_8)),
        UploadFile.of(WEIGHTS, directory.resolve(WEIGHTS)));
  }

  private Pushed push(PushOptions options) {
    HubListener listener =
        new HubListener() {
          @Override
          public LongConsumer onFile(String what, long bytes) {
            return progress::addAndGet;
          }

          @Override
          public void onFileDone(String what) {}
        };
    return new HubUpload(settings, listener, notes::add).push("me", "mine", files(), options);
  }

  private Pushed push() {
    return push(USUAL);
  }

  private Map<String, byte[]> there(String branch) {
    return server.uploads.repositories.get("me/mine").branches.get(branch);
  }

  private long requests(String form) {
    return server.requests.stream().filter(r -> r.matches(form)).count();
  }

  private void assertWhole() {
    assertArrayEquals(BYTES, there("main").get(WEIGHTS));
    assertArrayEquals(
        "{}".getBytes(StandardCharsets.UTF_8), there("main").get("adapter_config.json"));
    assertEquals(BYTES.length, progress.get(), "all bytes, and each counted once");
  }

  @Test
  void filesGoInOneCommitAndLargeOnesToTheStorage() {
    Pushed pushed = push();
    assertWhole();
    FakeUploads.Repository made = server.uploads.repositories.get("me/mine");
    assertEquals(List.of(WEIGHTS), made.large);
    assertEquals(1, made.commits.size());
    assertEquals("a message", made.commits.get(0).path("summary").asText());
    assertFalse(made.hidden);
    assertEquals("c".repeat(40), pushed.commit());
    assertTrue(pushed.address().endsWith("/commit/" + pushed.commit()), pushed.address());
    assertEquals(3, pushed.changed().size());
    assertTrue(requests("PUT /lfs/.* at storage") == 1, server.requests.toString());
    assertTrue(server.requests.stream().noneMatch(r -> r.contains("WITH TOKEN")));
  }

  @Test
  void whatIsThereIsNotSentAgain() throws IOException {
    push();
    int before = server.requests.size();
    Pushed again = push();
    assertNull(again.commit());
    assertEquals(3, again.unchanged().size());
    assertEquals(0, requestsFrom(before, "(PUT|POST .*commit).*"));
    assertEquals(1, server.uploads.repositories.get("me/mine").commits.size());
    Files.write(directory.resolve(WEIGHTS), bytes(299_999));
    assertEquals(List.of(WEIGHTS), push().changed());
  }

  private long requestsFrom(int first, String form) {
    return server.requests.subList(first, server.requests.size()).stream()
        .filter(r -> r.matches(form))
        .count();
  }

  /** A process that is killed between upload and commit has brought the large file there. */
  @Test
  void aPushThatWasCutIsGoneOnWith() {
    for (int i = 0; i < 6; i++) {
      server.uploads.once("POST .*/commit/main", status(503));
    }
    RunFault fault = assertThrows(RunFault.class, this::push);
    assertTrue(fault.getMessage().contains("503"), fault.getMessage());
    assertTrue(there("main").isEmpty());
    int before = server.requests.size();
    push();
    assertEquals(0, requestsFrom(before, "PUT .*"), "the storage has it");
    assertWhole();
  }

  @Test
  void largeFilesGoInParts() {
    server.uploads.partBytes = 70_000;
    push();
    assertWhole();
    assertEquals(5, requests("PUT /part/.* at storage"));
  }

  @Test
  void partsAreSentAgainWhereAServerFailsOrCuts() {
    server.uploads.partBytes = 70_000;
    server.uploads.once("PUT /part/.*/2", cut(1000));
    server.uploads.once("PUT /part/.*/3", status(500));
    server.uploads.once("PUT /part/.*/3", status(429, "Retry-After", "1"));
    server.uploads.once("POST /api/complete/.*", status(502));
    push();
    assertWhole();
    assertEquals(8, requests("PUT /part/.*"));
  }

  @ParameterizedTest
  @CsvSource({
    "GET .*/revision/main, 500",
    "POST /api/repos/create, 503",
    "POST .*/preupload/main, 502",
    "POST .*/objects/batch, 504",
    "PUT /lfs/.*, 500",
    "POST .*/objects/verify, 429",
    "POST .*/commit/main, 429",
    "POST .*/commit/main, 409",
    "POST .*/commit/main, 412",
  })
  void whatPassesTheSecondTimeIsTriedTwice(String request, int status) {
    server.uploads.once(request, status(status, "RateLimit", "\"api\";r=0;t=1"));
    push();
    assertWhole();
    assertEquals(1, server.uploads.repositories.get("me/mine").commits.size());
  }

  @Test
  void twoRepositoriesOfAnOwnerAreMadeOneAfterTheOther() {
    String reason = "Cannot create repo: another conflicting operation is in progress";
    server.uploads.once("POST /api/repos/create", refusal(409, reason));
    push();
    assertEquals(2, requests("POST /api/repos/create"));
  }

  @ParameterizedTest
  @CsvSource({
    "POST /api/repos/create, 401, HF_TOKEN, 3",
    "POST /api/repos/create, 403, no right, 3",
    "POST .*/preupload/main, 403, no right, 3",
    "POST .*/objects/batch, 413, no room, 4",
    "POST .*/objects/batch, 403, write to me/mine, 3",
    "POST .*/commit/main, 403, no right, 3",
    "POST .*/commit/main, 400, refuses it, 3",
    "POST .*/commit/main, 413, no room, 4",
    "PUT /lfs/.*, 403, push again, 4",
    "POST .*/objects/verify, 422, did not arrive, 4",
  })
  void aRefusalIsOneLineAndTriedOnce(String request, int status, String said, int exit) {
    server.uploads.once(request, refusal(status, "no, says\nthe hub to " + TOKEN));
    Fault fault = assertThrows(Fault.class, this::push);
    assertTrue(fault.getMessage().contains(said), fault.getMessage());
    assertTrue(fault.getMessage().contains("" + status), fault.getMessage());
    assertFalse(fault.getMessage().contains("\n"), fault.getMessage());
    assertFalse(fault.getMessage().contains(TOKEN), fault.getMessage());
    assertEquals(exit, fault.exitStatus());
  }

  @Test
  void aRepositoryThatTheTokenMayNotMakeMayBeThere() {
    server.uploads.repositories.put("me/mine", new FakeUploads.Repository());
    server.uploads.once("POST /api/repos/create", status(403));
    push();
    assertWhole();
  }

  private ObjectNode object(ObjectNode batch) {
    return (ObjectNode) batch.path("objects").path(0);
  }

  @Test
  void aStorageThatSpeaksOfOtherFilesIsNotTrusted() {
    server.uploads.batch =
        said -> {
          object(said).put("oid", "ab".repeat(32));
          return said;
        };
    RunFault fault = assertThrows(RunFault.class, this::push);
    assertTrue(fault.getMessage().contains("not asked for"), fault.getMessage());
    server.uploads.batch =
        said -> {
          object(said).put("size", 3);
          return said;
        };
    assertThrows(RunFault.class, this::push);
    server.uploads.batch =
        said -> {
          said.putArray("objects");
          return said;
        };
    assertTrue(
        assertThrows(RunFault.class, this::push).getMessage().contains("does not say where"));
    server.uploads.batch = said -> said.put("transfer", "xet");
    assertTrue(assertThrows(RunFault.class, this::push).getMessage().contains("xet alone"));
    assertEquals(0, requests("PUT .*"));
    assertTrue(there("main").isEmpty());
  }

  @Test
  void whatTheStorageRefusesOfOneFileIsSaidOfThatFile() {
    server.uploads.batch =
        said -> {
          object(said).remove("actions");
          object(said).putObject("error").put("code", 413).put("message", "over the quota");
          return said;
        };
    RunFault fault = assertThrows(RunFault.class, this::push);
    assertTrue(fault.getMessage().startsWith(WEIGHTS), fault.getMessage());
    assertTrue(fault.getMessage().contains("over the quota"), fault.getMessage());
  }

  @Test
  void partsThatMakeNoWholeAreRefused() {
    server.uploads.partBytes = 70_000;
    server.uploads.batch =
        said -> {
          ObjectNode header =
              (ObjectNode) object(said).path("actions").path("upload").path("header");
          header.remove("00005");
          return said;
        };
    RunFault fault = assertThrows(RunFault.class, this::push);
    assertTrue(fault.getMessage().contains("the whole of it"), fault.getMessage());
  }

  @Test
  void aDamagedUploadIsSeenByTheHub() {
    server.uploads.once(
        "PUT /lfs/.*",
        x -> {
          byte[] bytes = x.getRequestBody().readAllBytes();
          bytes[7]++;
          server.uploads.storage.put(x.getRequestURI().getPath().substring(5), bytes);
          x.sendResponseHeaders(200, -1);
          return true;
        });
    RunFault fault = assertThrows(RunFault.class, this::push);
    assertTrue(fault.getMessage().contains("did not arrive as it was sent"), fault.getMessage());
    assertTrue(there("main").isEmpty(), "no commit");
  }

  @Test
  void anUploadThatStallsIsSentAgain() {
    settings =
        new HubSettings(
            settings.endpoint(),
            directory,
            TOKEN,
            false,
            settings.patience(),
            Duration.ofMillis(300));
    server.uploads.once("PUT /lfs/.*", x -> stall()); // takes nothing, so that nothing moves
    push();
    assertWhole();
    assertEquals(2, requests("PUT /lfs/.*"));
  }

  private boolean stall() {
    try {
      over.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  /** More time than the patience for a stall, in all: but something always moves. */
  @Test
  void anUploadThatIsSlowIsNoStall() throws IOException {
    settings =
        new HubSettings(
            settings.endpoint(),
            directory,
            TOKEN,
            false,
            settings.patience(),
            Duration.ofMillis(400));
    byte[] much = bytes(24 << 20); // more than a connection takes in before anybody reads
    Files.write(directory.resolve(WEIGHTS), much);
    server.uploads.once(
        "PUT /lfs/.*",
        x -> {
          byte[] all = new byte[much.length];
          for (int i = 0; i < all.length; i += 1 << 20) {
            x.getRequestBody().readNBytes(all, i, 1 << 20);
            pause(40);
          }
          server.uploads.storage.put(x.getRequestURI().getPath().substring(5), all);
          x.sendResponseHeaders(200, -1);
          return true;
        });
    push();
    assertEquals(1, requests("PUT /lfs/.*"));
    assertArrayEquals(much, there("main").get(WEIGHTS));
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The commit is made, and the connection is cut before anybody hears of it. */
  private void loseTheAnswer() {
    server.uploads.once(
        "POST .*/commit/main",
        x -> {
          FakeUploads.Repository repository = server.uploads.repositories.get("me/mine");
          x.getRequestBody().readAllBytes();
          files().forEach(f -> repository.branches.get("main").put(f.path(), f.bytes()));
          x.close();
          return true;
        });
  }

  @Test
  void aCommitWhoseAnswerIsLostIsNotMadeTwice() {
    loseTheAnswer();
    Pushed pushed = push();
    assertEquals(FakeHub.COMMIT, pushed.commit());
    assertEquals(1, requests("POST .*/commit/main"));
    assertWhole();
  }

  @Test
  void aPullRequestWhoseAnswerIsLostIsForItsUserToLookFor() {
    server.uploads.once("POST .*/commit/main", cut(100));
    PushOptions asked = new PushOptions(false, "main", "please", true);
    RunFault fault = assertThrows(RunFault.class, () -> push(asked));
    assertTrue(fault.getMessage().contains("look there"), fault.getMessage());
    assertEquals(1, requests("POST .*/commit/main.*"));
  }

  @Test
  void pullRequestsLeaveTheBranchAsItIs() {
    Pushed pushed = push(new PushOptions(false, "main", "please", true));
    assertTrue(pushed.address().endsWith("/discussions/1"), pushed.address());
    assertTrue(there("main").isEmpty());
    assertArrayEquals(BYTES, there("refs/pr/1").get(WEIGHTS));
    assertEquals(1, requests("POST .*/preupload/main\\?create_pr=1"));
  }

  @Test
  void otherBranchesAreMade() {
    push(new PushOptions(false, "next/one", "m", false));
    assertArrayEquals(BYTES, there("next/one").get(WEIGHTS));
    assertTrue(there("main").isEmpty());
    assertThrows(UsageFault.class, () -> new PushOptions(false, "a b", "m", false));
    assertThrows(UsageFault.class, () -> new PushOptions(false, "../x", "m", false));
    assertThrows(UsageFault.class, () -> new PushOptions(false, "main", " ", false));
  }

  @Test
  void whatIsToBePrivateIsNotShownToAnybody() {
    PushOptions hidden = new PushOptions(true, "main", "m", false);
    push(hidden);
    assertTrue(server.uploads.repositories.get("me/mine").hidden);
    server.uploads.repositories.put("me/mine", new FakeUploads.Repository());
    UsageFault fault = assertThrows(UsageFault.class, () -> push(hidden));
    assertTrue(fault.getMessage().contains("everybody can see it"), fault.getMessage());
    assertTrue(there("main").isEmpty());
  }

  @Test
  void whatAUserShouldKnowIsSaid() {
    FakeUploads.Repository earlier = new FakeUploads.Repository();
    earlier.branches.get("main").put("model-00001-of-00002.safetensors", new byte[3]);
    server.uploads.repositories.put("me/mine", earlier);
    UploadFile left = UploadFile.of("ignored.txt", new byte[3]);
    new HubUpload(settings, HubListener.NONE, notes::add).push("me", "mine", List.of(left), USUAL);
    assertTrue(notes.toString().contains("ignored.txt is left out"), notes.toString());
    assertTrue(
        notes.toString().contains("model-00001-of-00002.safetensors stays"), notes.toString());
  }

  @Test
  void aCardThatTheHubDoesNotTakeIsToldBeforeAnythingIsSent() {
    server.uploads.cardError = "\"license\" must be one of these";
    InputFault fault = assertThrows(InputFault.class, this::push);
    assertTrue(fault.getMessage().contains("\"license\" must be"), fault.getMessage());
    assertEquals(1, server.requests.size());
    server.uploads.cardError = null;
    server.uploads.once("POST /api/validate-yaml", status(404)); // a hub that knows no such thing
    push();
    assertWhole();
  }

  @Test
  void aFileThatChangesMeanwhileIsNotPushed() {
    server.uploads.once(
        "POST .*/objects/batch",
        x -> {
          Files.write(directory.resolve(WEIGHTS), bytes(10));
          return false;
        });
    RunFault fault = assertThrows(RunFault.class, this::push);
    assertTrue(fault.getMessage().contains("has changed while it was pushed"), fault.getMessage());
  }

  @Test
  void nothingGoesWithoutAToken() {
    for (HubSettings none : List.of(server.settings(directory), settings.offlineOnly())) {
      assertThrows(UsageFault.class, () -> new HubUpload(none, HubListener.NONE, notes::add));
    }
    assertEquals(0, server.requests.size());
  }

  @Test
  void emptyFilesAreNoLargeFiles() {
    server.uploads.largeFrom = 0;
    UploadFile empty = UploadFile.of("empty.txt", new byte[0]);
    new HubUpload(settings, HubListener.NONE, notes::add).push("me", "mine", List.of(empty), USUAL);
    assertEquals(0, there("main").get("empty.txt").length);
    assertEquals(0, requests("PUT .*"));
  }
}
