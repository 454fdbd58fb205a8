/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.tlora.fault.RunFault;

/**
 * The JDK's own server. Its limits are properties of the virtual machine that are read once, before
 * its first use: {@link #limit} sets those that are not set.
 */
public final class JdkWebServer implements WebServer {
  private final HttpServer server;
  private final ExecutorService threads;

  /**
   * Listens from here on.
   *
   * @param port 0: any that is free
   * @param threads run a request each, and are shut down with this
   * @throws RunFault if the port cannot be listened on
   */
  public JdkWebServer(InetAddress host, int port, Handler handler, ExecutorService threads) {
    this.threads = threads;
    try {
      server = HttpServer.create(new InetSocketAddress(host, port), 0);
    } catch (BindException e) {
      throw new RunFault(
          "port " + port + " of " + host.getHostAddress() + " is in use or not allowed", e);
    } catch (IOException e) {
      throw new RunFault("the server cannot listen: " + e.getMessage(), e);
    }
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          Jdk own = new Jdk(exchange);
          try (exchange) {
            handler.handle(own);
          } finally {
            own.end();
          }
        });
    server.start();
  }

  /**
   * Sets limits of the JDK's server for this virtual machine, where nobody has set them.
   *
   * @param requestSeconds in which a request must be there as a whole
   * @param idleSeconds after which a connection without a request ends
   * @param connections that may be open
   */
  public static void limit(int requestSeconds, int idleSeconds, int connections) {
    set("sun.net.httpserver.nodelay", "true"); // else a small piece waits for 40 ms
    set("sun.net.httpserver.maxReqTime", "" + requestSeconds);
    set("sun.net.httpserver.idleInterval", "" + idleSeconds);
    set("jdk.httpserver.maxConnections", "" + connections);
    set("sun.net.httpserver.maxIdleConnections", "" + connections);
  }

  private static void set(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  @Override
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static final class Jdk implements Exchange {
    private final HttpExchange exchange;
    private final Thread handling = Thread.currentThread();
    private boolean begun;
    private boolean ended; // guarded by this

    Jdk(HttpExchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public String method() {
      return exchange.getRequestMethod();
    }

    @Override
    public String path() {
      return exchange.getRequestURI().getPath();
    }

    @Override
    public String query() {
      return exchange.getRequestURI().getRawQuery();
    }

    @Override
    public String header(String name) {
      return exchange.getRequestHeaders().getFirst(name);
    }

    @Override
    public InputStream body() {
      return exchange.getRequestBody();
    }

    @Override
    public OutputStream begin(int status, Map<String, String> headers) throws IOException {
      headers(headers);
      exchange.sendResponseHeaders(status, 0);
      return exchange.getResponseBody();
    }

    @Override
    public void answer(int status, Map<String, String> headers, byte[] content) throws IOException {
      headers(headers);
      boolean none = content.length == 0 || exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(status, none ? -1 : content.length);
      if (!none) {
        try (OutputStream out = exchange.getResponseBody()) {
          out.write(content);
        }
      }
    }

    private void headers(Map<String, String> headers) {
      begun = true;
      headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    }

    @Override
    public boolean isBegun() {
      return begun;
    }

    /** To close the exchange would wait for what is written; an interrupted write ends it all. */
    @Override
    public synchronized void cut() {
      if (!ended) {
        handling.interrupt();
      }
    }

    /** The thread goes on to other requests. */
    synchronized void end() {
      ended = true;
      Thread.interrupted();
    }
  }
}
