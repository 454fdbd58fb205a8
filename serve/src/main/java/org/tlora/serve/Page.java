/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tlora.NamedOptions;
import org.tlora.format.Json;
import org.tlora.format.Sha256;
import org.tlora.report.ReportAssets;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.http.Exchange;
import org.tlora.serve.http.Routes;

/**
 * The page at {@code /}: files that are part of the program, which ask the server as any client
 * does. Whoever may reach the server may read them; what they ask for needs a key where one is
 * asked for.
 */
final class Page {
  /** Where its files are. */
  static final String FILES = "/page/{id}";

  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  /** It loads from here alone, and is shown within no other page; maps have colours as styles. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self';"
          + " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  /**
   * A file.
   *
   * @param tag changes with its content
   */
  private record Asset(String type, byte[] content, String tag) {
    static Asset of(String type, String text) {
      return new Asset(
          type,
          text.getBytes(StandardCharsets.UTF_8),
          '"' + Sha256.of(text).substring(0, 32) + '"');
    }
  }

  private final Map<String, Asset> files = new LinkedHashMap<>();
  private final Asset index = Asset.of("text/html; charset=utf-8", resource("index.html"));

  Page(boolean fineTuning) {
    files.put("page.css", Asset.of(STYLE, resource("page.css")));
    for (String name : new String[] {"main.js", "api.js", "chat.js", "jobs.js", "data.js"}) {
      files.put(name, Asset.of(SCRIPT, resource(name)));
    }
    files.put("charts.js", Asset.of(SCRIPT, ReportAssets.charts()));
    files.put("uplot.js", Asset.of(SCRIPT, ReportAssets.uplotScript()));
    files.put("report.css", Asset.of(STYLE, ReportAssets.style()));
    files.put("uplot.css", Asset.of(STYLE, ReportAssets.uplotStyle()));
    var settings = Json.object().put("fine_tuning", fineTuning);
    var methods = settings.putArray("methods");
    NamedOptions.methods().forEach(methods::add);
    files.put("settings.json", Asset.of("application/json", Json.compact(settings)));
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream("page/" + name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void addTo(Routes routes) {
    routes.on("GET", "/", (e, id) -> send(e, index));
    routes.on("GET", FILES, (e, id) -> send(e, find(id)));
  }

  private Asset find(String name) {
    Asset file = files.get(name);
    if (file == null) {
      throw ApiException.notFound(null, "not_found", "the page has no file '" + name + "'");
    }
    return file;
  }

  private static void send(Exchange exchange, Asset file) throws IOException {
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", file.type());
    headers.put("Content-Security-Policy", POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Cache-Control", "no-cache"); // asked for again, and sent where it has changed
    headers.put("ETag", file.tag());
    boolean known = file.tag().equals(exchange.header("If-None-Match"));
    exchange.answer(known ? 304 : 200, headers, known ? new byte[0] : file.content());
  }
}
