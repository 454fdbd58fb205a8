/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlora.data.format.Row;
import org.tlora.evaluate.task.TextTask;
import org.tlora.evaluate.task.Verdict;
import org.tlora.fault.RunFault;
import org.tlora.golden.Shared;
import org.tlora.testing.StartsProcess;

/** Programs of a model pass their tests or do not, and reach nothing. */
@StartsProcess
class SandboxTest {
  private static Sandbox sandbox;
  @TempDir private static Path outside;

  /** Where the machine allows no sandbox, that it says so is all that can be tested. */
  @BeforeAll
  static void open() {
    try {
      sandbox = Sandbox.open(3);
    } catch (RunFault e) {
      assertTrue(
          e.getMessage().contains("sandbox") || e.getMessage().contains("python3"), e.getMessage());
      Assumptions.abort(e.getMessage());
    }
  }

  @AfterAll
  static void close() {
    if (sandbox != null) {
      sandbox.close();
    }
  }

  private static Sandbox.Outcome run(String program) {
    return sandbox.run(CodeTest.of(program, ""));
  }

  @Test
  void aProgramPassesWhoseTestsComeToTheirEnd() {
    String twice = "def twice(x):\n    print('not for the tests')\n    return 2 * x\n";
    assertEquals("", sandbox.run(CodeTest.of(twice, "assert twice(4) == 8")).reason());
    Sandbox.Outcome wrong = sandbox.run(CodeTest.of(twice, "assert twice(4) == 9"));
    assertFalse(wrong.passed());
    assertTrue(wrong.loaded());
    assertTrue(wrong.reason().startsWith("AssertionError"), wrong.reason());
    Sandbox.Outcome no = run("this is no Python");
    assertFalse(no.passed());
    assertFalse(no.loaded());
    assertTrue(no.reason().contains("SyntaxError"), no.reason());
    assertTrue(run("open('/tmp/mine', 'w').write('a file of its own')").passed());
    assertFalse(run("open('/tmp/mine')").passed(), "nothing is left for the next");
    String endless = run("while True: pass").reason();
    assertTrue(endless.contains("3 s"), "it says that it took too long: " + endless);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import sys; sys.exit(0)",
        "import os; os._exit(0)",
        "raise SystemExit",
        "while True: pass",
        "import time; time.sleep(60)",
        "import os\nwhile True: os.fork()",
        "import os\nfor i in range(200):\n  if os.fork() == 0:\n    while True: pass",
        "x = bytearray(8 << 30)",
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "while True: print('x' * 1000000)",
        "f = open('/tmp/x', 'wb')\nwhile True: f.write(b'x' * 1000000)",
        "for i in range(10000):\n  open(f'/tmp/{i}', 'wb').write(b'x' * 100000)",
        "import os; os.kill(os.getppid(), 9)\nwhile True: pass",
        "import os; os.kill(-1, 9)\nwhile True: pass",
        "import os; os.killpg(0, 9)\nwhile True: pass",
        "import os, signal; os.kill(0, signal.SIGKILL)\nwhile True: pass",
        "import socket; socket.create_connection(('1.1.1.1', 80), 1)",
        "import socket; socket.create_connection(('127.0.0.1', 22), 1)",
        "import urllib.request; urllib.request.urlopen('http://example.com', timeout=1)",
        "import os; assert os.listdir(os.path.expanduser('~root'))",
        "import os; assert os.listdir('/home')",
        "open('/etc/passwd').read()",
        "open('/usr/bin/evil', 'w')",
        "import shutil; shutil.rmtree('/usr')",
        "import ctypes; assert ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, b'') == 0",
        "import os; os.setuid(0)\nassert os.open('/dev/kmsg', os.O_RDONLY)",
        "import os; os.chroot('/tmp')",
        "import os; assert 'PATH' in os.environ and len(os.environ) > 4"
      })
  void hostileProgramsFailAndHarmNothing(String program) throws IOException {
    Path sentinel = Files.writeString(outside.resolve("sentinel"), "here");
    Set<Long> before = children();
    assertFalse(run(program).passed(), program);
    assertEquals("here", Files.readString(sentinel));
    assertEquals(before, children(), "nothing that it started is left");
    assertTrue(run("pass").passed(), "the next program runs as before");
  }

  private static Set<Long> children() {
    return ProcessHandle.current()
        .descendants()
        .filter(ProcessHandle::isAlive)
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }

  @Test
  void filesOutsideAreNotThere() throws IOException {
    Path sentinel = Files.writeString(outside.resolve("secret"), "here");
    String path = sentinel.toString();
    assertFalse(run("open('" + path + "').read()").passed());
    assertFalse(run("import os; os.remove('" + path + "')").passed());
    assertEquals("here", Files.readString(sentinel));
  }

  @Test
  void whatAProgramSaysIsBounded() {
    String big = "def f(x): return 'x' * (40 << 20)";
    try (Sandbox patient = Sandbox.open(60)) {
      Sandbox.Outcome outcome = patient.run(CodeTest.of(big, "assert f(1)"));
      assertFalse(outcome.passed());
      assertTrue(outcome.reason().contains("more than 16 MB"), outcome.reason());
      assertTrue(patient.run(CodeTest.of(big.replace("40", "1"), "assert f(1)")).passed());
    }
  }

  /** Each way of confining a program that this machine has holds, and says what it lacks. */
  @ParameterizedTest
  @EnumSource(Confinement.class)
  void everyConfinementHolds(Confinement confinement) {
    try (Sandbox one = Sandbox.open(Sandbox.Limits.of(3), confinement)) {
      assertTrue(one.run(CodeTest.of("def f(x): return x", "assert f([1]) == [1]")).passed());
      for (String evil :
          List.of(
              "import os; os.listdir('/home')",
              "open('/usr/bin/evil', 'w')",
              "open('/evil', 'w')",
              "open('/run.py', 'w')",
              "open('/dev/evil', 'w')",
              "import os; os.kill(-1, 9)\nwhile True: pass",
              "import os\nwhile True: os.fork()",
              "import socket; socket.create_connection(('127.0.0.1', 22), 1)",
              "for i in range(10000):\n  open(f'/tmp/{i}', 'wb').write(b'x' * 100000)",
              "import os\nassert any(int(line.split()[1], 16) for line in open('/proc/self/status')"
                  + " if line.startswith('Cap'))",
              "import os\nassert sum(p.isdigit() for p in os.listdir('/proc')) > 4")) {
        assertFalse(one.run(CodeTest.of(evil, "")).passed(), confinement + ": " + evil);
      }
    } catch (RunFault e) {
      assertTrue(e.getMessage().startsWith(confinement.label() + ": "), e.getMessage());
      Assumptions.abort(e.getMessage());
    }
  }

  /** The references of the real files pass, all of them. */
  @ParameterizedTest
  @CsvSource({"humaneval,HumanEval.jsonl.gz,canonical_solution", "mbpp,mbpp.jsonl,code"})
  void canonicalSolutionsPass(String name, String file, String field) throws Exception {
    TextTask task = (TextTask) Tasks.named(name);
    List<Row> rows = TaskRows.of(task, Shared.path("data/" + file), 0).rows();
    List<String> failed = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Sandbox patient = Sandbox.open(40)) {
      CodeGrader.Format format =
          name.equals("mbpp") ? CodeGrader.Format.MBPP : CodeGrader.Format.HUMANEVAL;
      CodeGrader grader = new CodeGrader(patient, format);
      List<Callable<Verdict>> runs = new ArrayList<>();
      rows.forEach(row -> runs.add(() -> grader.grade(row, row.text(field))));
      List<Future<Verdict>> verdicts = threads.invokeAll(runs);
      for (int i = 0; i < rows.size(); i++) {
        if (!verdicts.get(i).get().correct()) {
          failed.add(rows.get(i).fields().path("task_id").asText());
        }
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(List.of(), failed);
  }
}
