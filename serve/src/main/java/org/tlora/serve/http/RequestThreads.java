/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A thread for each request: a virtual one where the JDK has them (21 and later). */
public final class RequestThreads {
  private RequestThreads() {}

  /** Threads that come and go with requests. */
  public static ExecutorService open() {
    try {
      return (ExecutorService)
          MethodHandles.publicLookup()
              .findStatic(
                  Executors.class,
                  "newVirtualThreadPerTaskExecutor",
                  MethodType.methodType(ExecutorService.class))
              .invokeExact();
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return platform();
    } catch (Throwable e) {
      throw new IllegalStateException("virtual threads cannot be started", e);
    }
  }

  private static ExecutorService platform() {
    AtomicInteger count = new AtomicInteger();
    return Executors.newCachedThreadPool(
        task -> {
          Thread thread = new Thread(task, "request-" + count.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }
}
