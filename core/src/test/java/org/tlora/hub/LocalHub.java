/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.hub;

import java.io.IOException;

/**
 * A hub on this machine for scripts: it takes what is pushed, but cuts the first upload and has no
 * time for the first commit. Its address is the first line it prints; once its input ends it says
 * what each repository has.
 */
public final class LocalHub {
  private static final int BEFORE_THE_CUT = 100_000;

  private LocalHub() {}

  /** Runs until standard input ends. */
  public static void main(String[] args) throws IOException {
    try (FakeHub hub = new FakeHub()) {
      hub.uploads.once("PUT .*", FakeUploads.cut(BEFORE_THE_CUT));
      hub.uploads.once("POST .*/commit/.*", FakeUploads.status(503, "Retry-After", "1"));
      System.out.println(hub.address());
      System.in.readAllBytes();
      hub.requests.forEach(System.out::println);
      hub.uploads.repositories.forEach(
          (name, repository) ->
              repository.branches.forEach(
                  (branch, files) ->
                      System.out.println(name + "@" + branch + ": " + files.keySet())));
    }
  }
}
