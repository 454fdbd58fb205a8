/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;

class CheckpointStoreTest {
  @TempDir private Path directory;

  private static CheckpointStore.Content text(String text) {
    return d -> Files.writeString(d.resolve("state.json"), text);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theNewestIsFoundByNumberAndTheOldestGo() throws IOException {
    CheckpointStore store = new CheckpointStore(directory);
    for (long step : new long[] {8, 9, 10}) {
      store.write(step, 2, text("" + step));
    }
    assertEquals(List.of("step-10", "step-9"), names());
    assertEquals(10, store.newest(d -> {}).orElseThrow().steps());
  }

  @Test
  void aSaveThatFailsLeavesWhatWasThere() throws IOException {
    CheckpointStore store = new CheckpointStore(directory);
    store.write(1, 1, text("one"));
    CheckpointStore.Content full =
        d -> {
          Files.writeString(d.resolve("state.json"), "half");
          throw new IOException("No space left on device");
        };
    RunFault fault = assertThrows(RunFault.class, () -> store.write(2, 1, full));
    assertTrue(fault.getMessage().contains("No space left on device"), fault.getMessage());
    assertEquals(List.of("step-1"), names());
  }

  @Test
  void whatAKilledProcessLeftIsNoCheckpointAndGoes() throws IOException {
    Path half = Files.createDirectory(directory.resolve(".step-7.partial"));
    Files.writeString(half.resolve("state.json"), "half");
    CheckpointStore store = new CheckpointStore(directory);
    assertTrue(store.newest(d -> {}).isEmpty());
    store.write(8, 3, text("8"));
    assertEquals(List.of("step-8"), names());
  }

  /** A run that went on from before a damaged checkpoint must not lose its own to that one. */
  @Test
  void whatIsAheadOfARunGoesBeforeWhatItSaved() throws IOException {
    CheckpointStore store = new CheckpointStore(directory);
    store.write(20, 2, text("20"));
    store.write(30, 2, text("30"));
    Files.writeString(directory.resolve("step-30").resolve("state.json"), "3");
    store.write(25, 1, text("25"));
    assertEquals(25, store.newest(d -> {}).orElseThrow().steps());
    assertEquals(List.of("step-25"), names());
  }

  /** As a process leaves it that is killed between two changes of names. */
  @Test
  void aCheckpointThatIsBeingReplacedIsFound() throws IOException {
    CheckpointStore store = new CheckpointStore(directory);
    store.write(20, 1, text("20"));
    Path replaced = directory.resolve(".step-20.replaced");
    Files.move(directory.resolve("step-20"), replaced);
    assertEquals(replaced, store.newest(d -> {}).orElseThrow().path());
    store.write(20, 1, text("20 again"));
    assertEquals(List.of("step-20"), names());
    assertEquals("20 again", Files.readString(directory.resolve("step-20").resolve("state.json")));
  }

  @Test
  void aManifestCannotNameFilesElsewhere() throws IOException {
    CheckpointStore store = new CheckpointStore(directory);
    store.write(1, 1, text("one"));
    Path manifest = directory.resolve("step-1").resolve(CheckpointStore.MANIFEST);
    String good = Files.readString(manifest);
    for (String name : List.of("../step-1/state.json", "/etc/passwd", "..", ".hidden", "")) {
      Files.writeString(manifest, good.replace("state.json", name));
      List<String> damaged = new ArrayList<>();
      assertTrue(store.newest(damaged::add).isEmpty(), name);
      assertTrue(damaged.get(0).contains("is damaged"), damaged.toString());
    }
  }

  @Test
  void aLinkIsNoFileOfACheckpoint() throws IOException {
    CheckpointStore store = new CheckpointStore(directory);
    store.write(1, 1, text("one"));
    Path state = directory.resolve("step-1").resolve("state.json");
    Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "one");
    Files.delete(state);
    Files.createSymbolicLink(state, elsewhere);
    InputFault fault =
        assertThrows(InputFault.class, () -> CheckpointStore.check(state.getParent()));
    assertTrue(fault.getMessage().contains("state.json is missing"), fault.getMessage());
  }

  @Test
  void whoWritesToADirectoryIsToldAndKeepsItsLock() throws IOException {
    assertEquals(Optional.empty(), OutputLock.writerOf(directory));
    try (OutputLock lock = OutputLock.of(directory)) {
      assertEquals(Optional.of("this process"), OutputLock.writerOf(directory));
      assertThrows(RunFault.class, () -> OutputLock.of(directory), "it is still held");
    }
    assertEquals(Optional.empty(), OutputLock.writerOf(directory));
  }

  @Test
  void aDirectoryIsLockedOnceAndFreeAgain() {
    OutputLock lock = OutputLock.of(directory);
    RunFault fault = assertThrows(RunFault.class, () -> OutputLock.of(directory));
    assertTrue(fault.getMessage().contains("is being written to by"), fault.getMessage());
    lock.close();
    OutputLock.of(directory).close();
  }
}
