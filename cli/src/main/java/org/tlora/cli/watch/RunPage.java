/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.report.LiveReport;
import org.tlora.serve.http.Exchange;
import org.tlora.text.PrintableText;

/**
 * A run's own page: the report that it left, or what there would be in it by now.
 *
 * @param running whether it should be looked at again
 * @param whole whether the run has left it
 */
record RunPage(String title, Path directory, boolean running, boolean whole) {
  private static final int AGAIN_SECONDS = 10;
  private static final long MOST_BYTES = 256L << 20;

  /** Whoever wrote the file: its scripts see nothing of this server, and send nothing. */
  private static final String POLICY =
      "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline';"
          + " style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  static RunPage of(String name, WatchedRun run) {
    boolean running = run.state() == RunState.RUNNING;
    String method = run.option("method");
    String title = PrintableText.of(method == null ? name : name + ": " + method);
    boolean whole = !running && RunState.hasReport(run.directory());
    return new RunPage(title, run.directory(), running, whole);
  }

  /**
   * Sends it.
   *
   * @throws InputFault if the run's files are damaged, or are none
   * @throws IOException if the client is gone
   */
  void send(Exchange exchange) throws IOException {
    byte[] page = content();
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "text/html; charset=utf-8");
    headers.put("Content-Security-Policy", POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Cache-Control", "no-store");
    if (running) {
      headers.put("Refresh", "" + AGAIN_SECONDS);
    }
    exchange.answer(200, headers, page);
  }

  private byte[] content() {
    String stranger = RunFiles.stranger(directory);
    if (stranger != null) {
      throw new InputFault(stranger + " is a link or no file: it is not read");
    }
    if (!whole) {
      return LiveReport.render(title, directory).getBytes(StandardCharsets.UTF_8);
    }
    Path file = directory.resolve(RunFiles.REPORT);
    try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] all = in.readNBytes((int) MOST_BYTES);
      if (in.read() >= 0) {
        throw new InputFault(file + " is larger than a report is");
      }
      return all;
    } catch (IOException e) {
      throw new InputFault(file + " cannot be read: " + Json.reason(e), e);
    }
  }
}
