/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.http;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What answers a request, by its path and method. Filled once, then safe for threads. */
public final class Routes {
  private static final String ID = "{id}";

  /** Answers a request whose body was not read yet. */
  public interface Endpoint {
    /**
     * Answers.
     *
     * @param id what stands in the path in the place of {@code {id}}, or null
     */
    void answer(Exchange exchange, String id) throws IOException;
  }

  /**
   * What was found at a path.
   *
   * @param template the path with {@code {id}} in the place of an id
   * @param endpoints by method
   */
  public record Found(String template, Map<String, Endpoint> endpoints, String id) {
    /** What may be asked for; HEAD is asked for as GET is. */
    public Set<String> methods() {
      Set<String> all = new TreeSet<>(endpoints.keySet());
      if (all.contains("GET")) {
        all.add("HEAD");
      }
      return all;
    }
  }

  private record Route(String template, Pattern pattern, Map<String, Endpoint> endpoints) {}

  private final List<Route> routes = new ArrayList<>();

  /**
   * Adds a way.
   *
   * @param template a path, with {@code {id}} where an id stands: a part of the path or, at its
   *     end, all that is left
   */
  public void on(String method, String template, Endpoint endpoint) {
    for (Route route : routes) {
      if (route.template.equals(template)) {
        route.endpoints.put(method, endpoint);
        return;
      }
    }
    int at = template.indexOf(ID);
    String pattern;
    if (at < 0) {
      pattern = Pattern.quote(template);
    } else {
      String behind = template.substring(at + ID.length());
      String id = behind.isEmpty() ? "(.+)" : "([^/]+)";
      pattern = Pattern.quote(template.substring(0, at)) + id + Pattern.quote(behind);
    }
    Map<String, Endpoint> endpoints = new TreeMap<>();
    endpoints.put(method, endpoint);
    routes.add(new Route(template, Pattern.compile(pattern, Pattern.DOTALL), endpoints));
  }

  /** The methods of every template. */
  public Map<String, Set<String>> methods() {
    Map<String, Set<String>> all = new TreeMap<>();
    routes.forEach(route -> all.put(route.template, Set.copyOf(route.endpoints.keySet())));
    return all;
  }

  /** What is at a path, or null. Of several ways the one that says most of it. */
  public Found find(String path) {
    Found found = null;
    for (Route route : routes) {
      Matcher matcher = route.pattern.matcher(path);
      if (matcher.matches()
          && (found == null || route.template.length() > found.template.length())) {
        String id = matcher.groupCount() == 0 ? null : matcher.group(1);
        found = new Found(route.template, route.endpoints, id);
      }
    }
    return found;
  }
}
