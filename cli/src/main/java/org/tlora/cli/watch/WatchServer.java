/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.watch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tlora.fault.Fault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;
import org.tlora.report.ReportAssets;
import org.tlora.run.RunListener;
import org.tlora.serve.http.Exchange;
import org.tlora.serve.http.JdkWebServer;
import org.tlora.serve.http.PageFile;
import org.tlora.serve.http.RequestThreads;
import org.tlora.serve.http.Routes;
import org.tlora.serve.http.Trust;
import org.tlora.serve.http.WebServer;
import org.tlora.serve.http.WriteWatch;

/** Serves the page of runs until it is closed. */
public final class WatchServer implements AutoCloseable {
  private static final int REQUEST_SECONDS = 30;
  private static final int IDLE_SECONDS = 60;
  private static final int READ_SECONDS = 60;
  private static final int CONNECTIONS = 256;
  private static final int MOST_PORT = 65_535;
  private static final String GET = "GET";

  private final RunList runs;
  private final RunListener listener;
  private final InetAddress host;
  private final Trust trust;
  private final Routes routes = new Routes();
  private final WriteWatch writing = new WriteWatch(READ_SECONDS);
  private final WebServer web;

  /** An answer that is none. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int status;

    Refused(int status, String why) {
      super(why, null, false, false);
      this.status = status;
    }
  }

  /**
   * Serves from here on.
   *
   * @param directories of runs, or such as hold them
   * @param named the host to listen on
   * @param port 0: any that is free
   * @param listener is told of what goes wrong within the server
   * @throws UsageFault if there is no such host
   * @throws org.tlora.fault.InputFault if one of the directories is none
   * @throws org.tlora.fault.RunFault if the port is in use
   */
  public WatchServer(List<Path> directories, String named, int port, RunListener listener) {
    this.listener = listener;
    if (port < 0 || port > MOST_PORT) {
      writing.close();
      throw new UsageFault("`port` must be from 0 to " + MOST_PORT + ", not " + port);
    }
    try {
      runs = new RunList(directories);
      host = address(named);
      trust = trust(host, named);
      Map<String, PageFile> files = files();
      PageFile index = PageFile.html(resource("index.html"));
      routes.on(GET, "/", (e, id) -> index.send(e));
      routes.on(GET, "/page/{id}", (e, id) -> there(files.get(id), "file").send(e));
      routes.on(GET, "/news", (e, id) -> news(e));
      routes.on(GET, "/runs/{id}/report", (e, id) -> report(e, id));
      JdkWebServer.limit(REQUEST_SECONDS, IDLE_SECONDS, CONNECTIONS);
      web = new JdkWebServer(host, port, this::answer, RequestThreads.open());
    } catch (RuntimeException e) {
      writing.close();
      throw e;
    }
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new UsageFault("`host` " + host + " is no address of this machine", e);
    }
  }

  private static Trust trust(InetAddress host, String named) {
    try {
      return host.isLoopbackAddress()
          ? Trust.named(host, named)
          : Trust.named(host, named, InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return Trust.named(host, named); // a machine without a name
    }
  }

  private static Map<String, PageFile> files() {
    Map<String, PageFile> files = new LinkedHashMap<>();
    files.put("page.css", PageFile.style(resource("page.css")));
    for (String name : new String[] {"main.js", "dom.js", "curves.js", "table.js"}) {
      files.put(name, PageFile.script(resource(name)));
    }
    files.put("uplot.js", PageFile.script(ReportAssets.uplotScript()));
    files.put("uplot.css", PageFile.style(ReportAssets.uplotStyle()));
    return files;
  }

  private static String resource(String name) {
    return PageFile.resource(WatchServer.class, "page/" + name);
  }

  /** Where it listens, such as {@code http://127.0.0.1:6006}. */
  public String address() {
    String name = host.getHostAddress();
    return "http://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + web.port();
  }

  private void answer(Exchange exchange) throws IOException {
    writing.during(
        exchange,
        () -> {
          try {
            find(exchange);
          } catch (Refused e) {
            refuse(exchange, e.status, e.getMessage());
          } catch (UsageFault e) {
            refuse(exchange, 400, e.getMessage());
          } catch (Fault e) {
            refuse(exchange, 500, e.getMessage());
          } catch (RuntimeException e) {
            listener.message("a request to " + exchange.path() + " failed: " + e);
            refuse(exchange, 500, "something went wrong in the server");
          }
        });
  }

  private void find(Exchange exchange) throws IOException {
    String refusal = trust.refusal(exchange);
    if (refusal != null) {
      throw new Refused(403, refusal);
    }
    String path = exchange.path() == null ? "/" : exchange.path();
    Routes.Found found = there(routes.find(path), "page");
    if (!found.methods().contains(exchange.method())) {
      throw new Refused(405, "this server is for looking only");
    }
    found.endpoints().get(GET).answer(exchange, found.id());
  }

  private static <T> T there(T found, String what) {
    if (found == null) {
      throw new Refused(404, "there is no such " + what);
    }
    return found;
  }

  private void news(Exchange exchange) throws IOException {
    String json = runs.now(found -> Json.compact(News.of(found, exchange.query())));
    Map<String, String> headers =
        Map.of(
            "Content-Type",
            "application/json",
            "Cache-Control",
            "no-store",
            "X-Content-Type-Options",
            "nosniff");
    exchange.answer(200, headers, json.getBytes(StandardCharsets.UTF_8));
  }

  private void report(Exchange exchange, String id) throws IOException {
    RunPage page =
        runs.now(
            found ->
                found.runs().entrySet().stream()
                    .filter(e -> e.getValue().id().equals(id))
                    .map(e -> RunPage.of(e.getKey(), e.getValue()))
                    .findFirst()
                    .orElse(null));
    there(page, "run").send(exchange);
  }

  private static void refuse(Exchange exchange, int status, String why) throws IOException {
    if (exchange.isBegun()) {
      return;
    }
    Map<String, String> headers =
        Map.of(
            "Content-Type",
            "text/plain; charset=utf-8",
            "Content-Security-Policy",
            "default-src 'none'",
            "X-Content-Type-Options",
            "nosniff");
    exchange.answer(status, headers, (why + "\n").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    web.close();
    writing.close();
  }
}
