/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The names of one scope, and what each begins as. Jinja2 decides that before it renders, from all
 * that the scope loads and stores: so a name that a scope stores somewhere is the scope's own from
 * its beginning.
 */
final class Symbols {
  /** What a name begins as. */
  enum Load {
    /** Given by who enters the scope. */
    PARAMETER,
    /** What the conversation or the globals say. */
    CONTEXT,
    /** What the name is outside. */
    OUTER,
    /** Nothing yet. */
    NOTHING
  }

  private final Symbols parent;
  private final Map<String, Load> loads;
  private final Set<String> stores;

  Symbols(Symbols parent) {
    this(parent, new LinkedHashMap<>(), new LinkedHashSet<>());
  }

  private Symbols(Symbols parent, Map<String, Load> loads, Set<String> stores) {
    this.parent = parent;
    this.loads = loads;
    this.stores = stores;
  }

  Map<String, Load> loads() {
    return loads;
  }

  /** Whether the name is this scope's own. */
  boolean owns(String name) {
    return loads.containsKey(name);
  }

  boolean knows(String name) {
    return owns(name) || (parent != null && parent.knows(name));
  }

  void load(String name) {
    if (!knows(name)) {
      loads.put(name, Load.CONTEXT);
    }
  }

  void store(String name) {
    stores.add(name);
    if (!owns(name)) {
      loads.put(name, parent != null && parent.knows(name) ? Load.OUTER : Load.NOTHING);
    }
  }

  void parameter(String name) {
    stores.add(name);
    loads.put(name, Load.PARAMETER);
  }

  /** For one branch of several, which are {@linkplain #merge merged} afterwards. */
  Symbols branch() {
    return new Symbols(parent, new LinkedHashMap<>(loads), new LinkedHashSet<>(stores));
  }

  /** A name that a branch stores may keep what it was, since the branch may not be taken. */
  void merge(List<Symbols> branches) {
    Set<String> stored = new LinkedHashSet<>();
    branches.stream().map(b -> b.stores).forEach(stored::addAll);
    stored.removeAll(stores);
    branches.forEach(b -> loads.putAll(b.loads));
    branches.stream().map(b -> b.stores).forEach((Collection<String> all) -> stores.addAll(all));
    for (String name : stored) {
      loads.put(name, parent != null && parent.knows(name) ? Load.OUTER : Load.CONTEXT);
    }
  }
}
