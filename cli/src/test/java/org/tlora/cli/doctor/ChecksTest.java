/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlora.cli.doctor.Finding.Level;
import org.tlora.engine.Cores;
import org.tlora.engine.MachineMemory;
import org.tlora.engine.Processor;
import org.tlora.format.Json;
import org.tlora.testing.StartsProcess;

/** What checks find on machines that are made up. */
class ChecksTest {
  private static final long GB = 1_000_000_000;

  @TempDir private Path root;

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }

  private static MachineMemory memory(long total, long available, long limit) {
    return new MachineMemory(total, available, 0, 0, limit, 0, -1, -1, -1);
  }

  @ParameterizedTest
  @CsvSource({
    "16, 12, -1, OK",
    "16, 1, -1, WARNING",
    "16, 0, -1, FAULT",
    "16, 12, 1, WARNING",
    "-1, -1, -1, OK"
  })
  void memoryThatIsFreeDecides(long total, long available, long limit, Level level) {
    long unknown = -1;
    Finding found =
        MemoryCheck.memory(
            memory(
                total < 0 ? unknown : total * GB,
                available < 0 ? unknown : available * GB,
                limit < 0 ? unknown : limit * GB));
    assertEquals(level, found.level(), found.text());
    assertEquals(level == Level.OK, found.advice().isEmpty(), found.advice());
  }

  @Test
  void limitsOfGroupsSwapAndPromisesAreSaid() throws IOException {
    file(
        "proc/meminfo",
        """
        MemTotal: 16000000 kB
        MemAvailable: 9000000 kB
        SwapTotal: 1000 kB
        SwapFree: 100 kB
        CommitLimit: 9000 kB
        Committed_AS: 1000 kB
        """);
    file("proc/self/cgroup", "0::/pod");
    file("sys/fs/cgroup/pod/memory.max", "4000000000");
    file("sys/fs/cgroup/pod/memory.current", "1000000000");
    file("proc/sys/vm/overcommit_memory", "2");
    List<Finding> all = new MemoryCheck(root, Map.of()).findings();
    assertTrue(all.get(0).text().contains("a control group allows 4.0 GB"), all.get(0).text());
    assertEquals(8000L * 1024, all.get(0).details().path("free_bytes").asLong());
    assertEquals(Level.FAULT, all.get(0).level(), "promises are what is left");
    assertEquals(Level.WARNING, all.get(1).level(), all.get(1).text());
    assertTrue(all.get(2).text().contains("vm.overcommit_memory=2"), all.get(2).text());
  }

  @ParameterizedTest
  @CsvSource({"2000, 16000, OK", "300, 16000, WARNING", "12000, 16000, WARNING", "12000, -1, OK"})
  void aHeapLeavesRoomForWeights(long heap, long whole, Level level) {
    long bytes = whole < 0 ? -1 : whole << 20;
    assertEquals(level, JavaCheck.heap(heap << 20, memory(bytes, bytes, -1)).level());
  }

  @Test
  void theVectorModuleIsThereAndUsedOrNot() {
    assertEquals(Level.OK, JavaCheck.vectors(true, true).level());
    assertTrue(JavaCheck.vectors(true, false).advice().contains("--add-modules"));
    assertTrue(JavaCheck.vectors(false, false).advice().contains("take a JDK"));
  }

  @Test
  void aProcessorWithoutAvx2IsSlow() {
    Processor old = new Processor("Old", "GenuineIntel", Set.of("sse4_2", "avx"));
    assertEquals(Level.WARNING, ProcessorCheck.processor(old, "amd64").level());
    assertEquals(Level.OK, ProcessorCheck.processor(old, "aarch64").level());
    Processor fast =
        new Processor("New", "AuthenticAMD", Set.of("avx2", "avx512f", "avx512_bf16", "rdtscp"));
    Finding found = ProcessorCheck.processor(fast, "amd64");
    assertEquals("avx2 avx512f avx512_bf16", found.details().path("features").asText());
    assertTrue(found.text().contains("computes in bfloat16"), found.text());
    List<Finding> limited = new ProcessorCheck(Map.of("ATEN_CPU_CAPABILITY", "default")).findings();
    assertEquals(Level.WARNING, limited.get(1).level());
  }

  @Test
  void threadsAreCoresUnlessAGroupGivesLess() {
    assertEquals(Level.OK, ThreadsCheck.threads(new Cores(8, 4, Double.POSITIVE_INFINITY)).level());
    Finding limited = ThreadsCheck.threads(new Cores(8, 4, 1.5));
    assertEquals(Level.WARNING, limited.level());
    assertEquals(2, limited.details().path("threads").asInt());
    assertEquals(Level.WARNING, ThreadsCheck.load(7, 2).level());
    assertEquals(Level.OK, ThreadsCheck.load(0.2, 2).level());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aPlaceThatCannotBeWrittenIsNamed() throws IOException {
    assertEquals(Level.OK, DiskCheck.place("here", root.resolve("not/yet"), "").level());
    Finding proc = DiskCheck.place("there", Path.of("/proc/none"), "elsewhere");
    assertEquals(Level.WARNING, proc.level(), proc.text());
    assertEquals("elsewhere", proc.advice());
  }

  private static Probe probe(boolean cuda, int devices) {
    ObjectNode report = Json.object().put("cuda_build", cuda).put("cuda_devices", devices);
    return new Probe(report, "");
  }

  @Test
  void aGpuThatIsNotUsedIsSaidAndWhy() throws IOException {
    assertTrue(new GpuCheck(root, probe(true, 2)).findings().get(0).text().startsWith("2 that"));
    assertEquals(Level.OK, new GpuCheck(root, probe(true, 0)).findings().get(0).level());
    file("dev/nvidiactl", "");
    Finding devices = new GpuCheck(root, probe(true, 0)).findings().get(0);
    assertTrue(devices.advice().contains("--gpus all"), devices.advice());
    file("proc/driver/nvidia/version", "");
    assertTrue(new GpuCheck(root, probe(true, 0)).findings().get(0).advice().contains("driver"));
    String build = new GpuCheck(root, probe(false, 0)).findings().get(0).text();
    assertTrue(build.contains("on processors, though the machine has one"), build);
    Probe broken = new Probe(null, "broken");
    assertEquals(Level.OK, new GpuCheck(root, broken).findings().get(0).level());
  }

  @Test
  void theHubIsAskedUnlessItIsSwitchedOffAndTheTokenIsNeverShown() throws IOException {
    Map<String, String> off = Map.of("HF_HUB_OFFLINE", "1", "HF_TOKEN", "hf_secret");
    List<Finding> offline = new HubCheck(off, root).findings();
    assertEquals(Level.OK, offline.get(0).level());
    assertTrue(offline.get(0).text().contains("switched off"));
    assertTrue(offline.get(1).details().path("present").asBoolean());
    assertTrue(offline.get(1).text().contains("from HF_TOKEN"), offline.get(1).text());
    assertFalse(offline.toString().contains("secret"), offline.toString());
    file(".cache/huggingface/token", "hf_secret");
    List<Finding> kept = new HubCheck(Map.of("HF_HUB_OFFLINE", "1"), root).findings();
    assertTrue(kept.get(1).text().contains("from the file"), kept.get(1).text());
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        x -> {
          x.sendResponseHeaders(200, -1);
          x.close();
        });
    server.start();
    String endpoint = "http://127.0.0.1:" + server.getAddress().getPort();
    Finding reached = new HubCheck(Map.of("HF_ENDPOINT", endpoint), root).findings().get(0);
    server.stop(0);
    assertEquals(Level.OK, reached.level(), reached.text());
    assertTrue(reached.details().path("reachable").asBoolean());
    Map<String, String> proxy = Map.of("HF_ENDPOINT", endpoint, "https_proxy", "http://p:1");
    Finding gone = new HubCheck(proxy, root).findings().get(0);
    assertEquals(Level.WARNING, gone.level(), gone.text());
    assertTrue(gone.advice().contains("-Dhttps.proxyHost"), gone.advice());
    Finding nonsense = new HubCheck(Map.of("HF_ENDPOINT", "no address"), root).findings().get(0);
    assertEquals(Level.WARNING, nonsense.level());
    assertEquals(1, new HubCheck(Map.of("HF_ENDPOINT", "no address"), root).findings().size());
  }

  @Test
  void lettersBeyondAsciiNeedALocaleThatHasThem() {
    Properties posix = new Properties();
    posix.setProperty("sun.jnu.encoding", "ANSI_X3.4-1968");
    assertEquals(Level.WARNING, new EncodingCheck(posix).findings().get(0).level());
    Properties good = new Properties();
    good.setProperty("sun.jnu.encoding", "UTF-8");
    good.setProperty("native.encoding", "utf-8");
    assertEquals(Level.OK, new EncodingCheck(good).findings().get(0).level());
  }

  @Test
  void whatTheLibrariesSayBecomesLines() {
    ObjectNode report = Json.object().put("libtorch", "2.10.0").put("blas", "MKL 2025.3");
    report.put("onednn", "oneDNN 3").put("openmp", "OpenMP 4.5").put("tokenizers", "no room");
    report.putObject("gflops").put("float32 MKL", 30.4);
    report.putArray("files").add("/cache/libtorch_cpu.so");
    List<Finding> all = new NativeCheck(new Probe(report, "")).findings();
    assertEquals("libtorch 2.10.0 from /cache", all.get(0).text());
    assertEquals(Level.FAULT, all.get(1).level(), "tokenizers");
    assertTrue(all.get(3).text().contains("float32 MKL 30"), all.get(3).text());
    assertEquals(Level.WARNING, all.get(3).level(), "nothing is measured");
    List<Finding> none = new NativeCheck(new Probe(null, "no such thing")).findings();
    assertEquals(1, none.size());
    assertEquals(Level.FAULT, none.get(0).level());
    assertTrue(none.get(0).advice().contains("800 MB"), none.get(0).advice());
  }

  @Test
  void aCheckThatFailsIsAFindingAndAFaultIsSaid() {
    Check failing =
        new Check() {
          @Override
          public String name() {
            return "weather";
          }

          @Override
          public List<Finding> findings() {
            throw new IllegalStateException("rain");
          }
        };
    Examination well = Examination.of(List.of(failing));
    assertEquals(Optional.empty(), well.fault());
    assertTrue(well.text().startsWith("warning  weather  could not be looked at: "), well.text());
    assertTrue(well.text().endsWith("can train, 1 warning\n"), well.text());
    Check broken = new NativeCheck(new Probe(null, "torn\nin two"));
    Examination ill = Examination.of(List.of(failing, broken));
    assertTrue(ill.fault().orElseThrow().startsWith("native libraries: torn"));
    assertEquals(3, ill.text().lines().count(), "a line each: " + ill.text());
    assertFalse(ill.json().path("can_train").asBoolean(true));
    assertEquals("fault", ill.json().at("/findings/1/level").asText());
  }

  /** Whatever becomes of the process that loads the libraries, this one says it. */
  @Test
  @StartsProcess
  @DisabledOnOs(OS.WINDOWS)
  void howTheOtherProcessEndedIsTold() {
    String crash = "echo '# Problematic frame:'; echo '# C [libtorch_cpu.so+0x1]'; kill -SEGV $$";
    assertEquals(
        "the process that loads them was ended by signal 11 in C [libtorch_cpu.so+0x1]",
        sh(crash, 20).failure());
    assertEquals("no room", sh("echo 'tlora: no room' >&2; exit 4", 20).failure());
    assertTrue(sh("exit 7", 20).failure().endsWith("status 7"));
    assertTrue(sh("echo '{torn'", 20).failure().contains("not valid JSON"));
    assertTrue(sh("echo hello", 20).failure().contains("status 0"));
    assertTrue(sh("sleep 30", 1).failure().contains("within 1 s"));
    assertTrue(Probe.of(List.of("/nonexistent/java"), 1).failure().startsWith("no process"));
    assertTrue(sh("echo noise; echo '{\"a\":1}'", 20).isThere());
  }

  private static Probe sh(String script, long seconds) {
    return Probe.of(List.of("sh", "-c", script), seconds);
  }
}
