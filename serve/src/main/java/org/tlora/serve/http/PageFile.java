/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.tlora.format.Sha256;

/**
 * A file of a page, which is a part of the program; sent again only where a browser has another.
 */
public final class PageFile {
  /** What a page is, which loads from its own server alone and is shown within no other page. */
  public static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self';"
          + " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final String type;
  private final byte[] content;
  private final String tag; // changes with the content

  private PageFile(String type, String text) {
    this.type = type;
    content = text.getBytes(StandardCharsets.UTF_8);
    tag = '"' + Sha256.of(text).substring(0, 32) + '"';
  }

  /** HTML. */
  public static PageFile html(String text) {
    return new PageFile("text/html; charset=utf-8", text);
  }

  /** A script. */
  public static PageFile script(String text) {
    return new PageFile("text/javascript; charset=utf-8", text);
  }

  /** A style sheet. */
  public static PageFile style(String text) {
    return new PageFile("text/css; charset=utf-8", text);
  }

  /** JSON. */
  public static PageFile json(String text) {
    return new PageFile("application/json", text);
  }

  /**
   * The text of a resource of the program.
   *
   * @param beside a class in whose package it is
   */
  public static String resource(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Sends it, or that it has not changed.
   *
   * @throws IOException if the client is gone
   */
  public void send(Exchange exchange) throws IOException {
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", type);
    headers.put("Content-Security-Policy", POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Cache-Control", "no-cache"); // asked for again, and sent where it has changed
    headers.put("ETag", tag);
    boolean known = tag.equals(exchange.header("If-None-Match"));
    exchange.answer(known ? 304 : 200, headers, known ? new byte[0] : content);
  }
}
