/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.tlora.LanguageModel;
import org.tlora.fault.UsageFault;
import org.tlora.run.RunListener;
import org.tlora.serve.http.JdkWebServer;
import org.tlora.serve.http.RequestThreads;
import org.tlora.serve.http.WebServer;
import org.tlora.serve.http.WriteWatch;

/**
 * Serves a model and its adapters by OpenAI's API until it is closed. The model stays the caller's,
 * and is closed after this.
 */
public final class Server implements AutoCloseable {
  private static final int IDLE_SECONDS = 60;
  private static final int REQUEST_SECONDS = 30;

  /** A file may be large, and come slowly. */
  private static final int UPLOAD_SECONDS = 600;

  private static final int CONNECTIONS = 1024;

  private final ServerOptions options;
  private final ServedModels models;
  private final Admission admission;
  private final WriteWatch watch;
  private final FineTuningService fineTuning; // or null
  private final WebServer web;
  private final InetAddress host;

  private Server(LanguageModel model, ServerOptions options, RunListener listener) {
    this.options = options;
    host = address(options.host());
    ApiKeys keys = options.apiKeys() == null ? ApiKeys.none() : ApiKeys.read(options.apiKeys());
    models = new ServedModels(model, options.name(), options.adapterDirectory());
    admission = new Admission(options.mostAnswers());
    watch = new WriteWatch(options.readSeconds());
    FineTuningService service = null;
    try {
      options.adapters().forEach(models::add);
      model.generating(); // starts what generates
      if (options.fineTuning() != null) {
        service = new FineTuningService(model, models, options.fineTuning(), listener);
      }
      ServerMetrics metrics = new ServerMetrics(model, models);
      Texts texts = new Texts(model, models, admission, metrics, watch, options);
      Requests requests = new Requests(options.bodyBytes());
      Api api = new Api(models, texts, keys, metrics, admission, requests, host, listener);
      new Page(service != null).addTo(api.routes());
      if (service != null) {
        service.addTo(api.routes(), requests);
      }
      Description.addTo(api.routes(), options);
      JdkWebServer.limit(
          service == null ? REQUEST_SECONDS : UPLOAD_SECONDS, IDLE_SECONDS, CONNECTIONS);
      web = new JdkWebServer(host, options.port(), api, RequestThreads.open());
      fineTuning = service;
    } catch (RuntimeException e) {
      if (service != null) {
        service.close();
      }
      models.close();
      watch.close();
      throw e;
    }
  }

  /**
   * Serves from here on.
   *
   * @param model that writes text
   * @param listener is told of what goes wrong within the server
   * @throws UsageFault if there is no such interface
   * @throws org.tlora.fault.InputFault if an adapter is none, or of another model
   * @throws org.tlora.fault.RunFault if the port is in use
   */
  public static Server start(LanguageModel model, ServerOptions options, RunListener listener) {
    return new Server(model, options, listener);
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new UsageFault("`host` " + host + " is no address of this machine", e);
    }
  }

  /** Where it listens, such as {@code http://127.0.0.1:8080}. */
  public String address() {
    String name = host.getHostAddress();
    return "http://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + web.port();
  }

  /** Takes no more requests, lets answers end as long as they may take, and ends. */
  @Override
  public void close() {
    try {
      admission.drain(options.drainSeconds() * 1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    web.close();
    watch.close();
    if (fineTuning != null) {
      fineTuning.close();
    }
    models.close();
  }
}
