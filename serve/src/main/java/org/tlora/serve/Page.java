/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import java.util.LinkedHashMap;
import java.util.Map;
import org.tlora.NamedOptions;
import org.tlora.format.Json;
import org.tlora.report.ReportAssets;
import org.tlora.serve.api.ApiException;
import org.tlora.serve.http.PageFile;
import org.tlora.serve.http.Routes;

/**
 * The page at {@code /}: files that are part of the program, which ask the server as any client
 * does. Whoever may reach the server may read them; what they ask for needs a key where one is
 * asked for.
 */
final class Page {
  /** Where its files are. */
  static final String FILES = "/page/{id}";

  private final Map<String, PageFile> files = new LinkedHashMap<>();
  private final PageFile index = PageFile.html(resource("index.html"));

  Page(boolean fineTuning) {
    files.put("page.css", PageFile.style(resource("page.css")));
    for (String name : new String[] {"main.js", "api.js", "chat.js", "jobs.js", "data.js"}) {
      files.put(name, PageFile.script(resource(name)));
    }
    files.put("charts.js", PageFile.script(ReportAssets.charts()));
    files.put("uplot.js", PageFile.script(ReportAssets.uplotScript()));
    files.put("uplot.css", PageFile.style(ReportAssets.uplotStyle()));
    files.put("report.css", PageFile.style(ReportAssets.style()));
    var settings = Json.object().put("fine_tuning", fineTuning);
    var methods = settings.putArray("methods");
    NamedOptions.methods().forEach(methods::add);
    files.put("settings.json", PageFile.json(Json.compact(settings)));
  }

  private static String resource(String name) {
    return PageFile.resource(Page.class, "page/" + name);
  }

  void addTo(Routes routes) {
    routes.on("GET", "/", (e, id) -> index.send(e));
    routes.on("GET", FILES, (e, id) -> find(id).send(e));
  }

  private PageFile find(String name) {
    PageFile file = files.get(name);
    if (file == null) {
      throw ApiException.notFound(null, "not_found", "the page has no file '" + name + "'");
    }
    return file;
  }
}
