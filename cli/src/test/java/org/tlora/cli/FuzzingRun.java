/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs every fuzz target under Jazzer, guided by coverage: {@code mvn verify -Pfuzz}. What it finds
 * goes to {@code cli/target/fuzz/found} and belongs into the corpus, once it is mended.
 */
class FuzzingRun {
  private static final String RUNS = System.getProperty("tlora.fuzz.runs", "1000000");
  private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in (\\d+) second");

  static List<FuzzTargets.Target> targets() {
    return FuzzTargets.all();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void nothingIsFound(FuzzTargets.Target target) throws IOException, InterruptedException {
    Path work = Path.of("target", "fuzz").toAbsolutePath();
    Path corpus = Files.createDirectories(work.resolve(target.name()));
    Path found = Files.createDirectories(work.resolve("found"));
    Path log = work.resolve(target.name() + ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1500m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + target.type().getName());
    command.add("--instrumentation_includes=org.tlora.**:com.fasterxml.**");
    // patterns of PEFT's configurations and of users' tasks are meant to be patterns
    command.add("--disabled_hooks=com.code_intelligence.jazzer.sanitizers.RegexInjection");
    command.addAll(List.of("-runs=" + RUNS, "-max_len=4096", "-timeout=60"));
    command.addAll(List.of("-rss_limit_mb=5000", "-artifact_prefix=" + found + "/" + target + "-"));
    command.addAll(List.of(corpus.toString(), target.corpusDirectory().toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("OMP_NUM_THREADS", "1"); // the files are tiny
    assertEquals(0, builder.start().waitFor(), () -> "see " + log + " and " + found);
    Matcher done = DONE.matcher(Files.readString(log));
    String said = done.find() ? done.group(1) + " in " + done.group(2) + " s" : "none";
    System.out.println(target + ": " + said);
  }
}
