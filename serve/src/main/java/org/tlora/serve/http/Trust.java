/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.http;

import java.net.InetAddress;
import java.net.URI;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Keeps pages of other sites, which a browser of this machine shows, from reaching a server here:
 * by requests of theirs, and by names of theirs that lead to this machine.
 */
public final class Trust {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
  private static final Pattern NUMBERS = Pattern.compile("\\d+(\\.\\d+){3}|\\[[0-9a-fA-F:.%]+]");
  private static final Pattern PORT = Pattern.compile(":\\d+$");

  private final boolean anyName;
  private final boolean anyNumber;
  private final Set<String> names;

  private Trust(boolean anyName, boolean anyNumber, Set<String> names) {
    this.anyName = anyName;
    this.anyNumber = anyNumber;
    this.names = names;
  }

  /** Of a server of keys: where others reach it too, any name may be its. */
  public static Trust of(InetAddress host) {
    return new Trust(!host.isLoopbackAddress(), false, LOOPBACK);
  }

  /**
   * Of a server that asks for no keys: it is called by a name of these, or, where others reach it
   * too, by a number, which no other site has as its name.
   *
   * @param named what its user calls the host, and whatever else it may be called
   */
  public static Trust named(InetAddress host, String... named) {
    Set<String> names = new HashSet<>(LOOPBACK);
    for (String name : named) {
      names.add(name.toLowerCase(Locale.ROOT));
    }
    return new Trust(false, !host.isLoopbackAddress(), names);
  }

  /** Why a request is not answered; null where it is. */
  public String refusal(Exchange exchange) {
    String host = exchange.header("Host");
    String origin = exchange.header("Origin");
    if (!isOwn(host)) {
      return "the host '" + host + "' is not this server's";
    }
    if (origin != null && !authority(origin).equals(host)) {
      return "pages of other sites are not answered";
    }
    return null;
  }

  private boolean isOwn(String host) {
    if (anyName || host == null) { // what is no browser may leave it out
      return true;
    }
    String name = PORT.matcher(host).replaceFirst("").toLowerCase(Locale.ROOT);
    return names.contains(name) || (anyNumber && NUMBERS.matcher(name).matches());
  }

  private static String authority(String origin) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority == null ? "" : authority;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
