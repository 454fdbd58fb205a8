/* SPDX-License-Identifier: Apache-2.0 */
/**
 * HTTP as far as the server needs it: a {@link org.tlora.serve.http.WebServer} takes {@link
 * org.tlora.serve.http.Exchange}s and gives them to a {@link org.tlora.serve.http.Handler}. {@link
 * org.tlora.serve.http.JdkWebServer} is the JDK's own server; another one is another file.
 *
 * <p>May use {@code fault} alone.
 */
package org.tlora.serve.http;
