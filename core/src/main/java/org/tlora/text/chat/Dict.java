/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.text.chat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Python's dictionary: in the order of insertion, with keys that are equal as Python has it ({@code
 * 1}, {@code 1.0} and {@code True} are one).
 */
final class Dict {
  private record Entry(Object key, Object value) {}

  private final Map<Object, Entry> entries = new LinkedHashMap<>();
  private final Set<Object> read = new HashSet<>();

  /** Keys that somebody asked for, whether they are there or not. */
  Set<Object> read() {
    return read;
  }

  /** The value, or {@code otherwise} where there is none. */
  Object get(Object key, Object otherwise) {
    Object hash = HashKey.of(key);
    read.add(hash);
    Entry entry = entries.get(hash);
    return entry == null ? otherwise : entry.value();
  }

  boolean has(Object key) {
    Object hash = HashKey.of(key);
    read.add(hash);
    return entries.containsKey(hash);
  }

  void put(Object key, Object value) {
    Object hash = HashKey.of(key);
    Entry before = entries.get(hash);
    entries.put(hash, new Entry(before == null ? key : before.key(), value));
  }

  void putAll(Dict other) {
    other.entries.values().forEach(e -> put(e.key(), e.value()));
  }

  int size() {
    return entries.size();
  }

  List<Object> keys() {
    List<Object> keys = new ArrayList<>(entries.size());
    entries.values().forEach(e -> keys.add(e.key()));
    return keys;
  }

  List<Object> values() {
    read.addAll(entries.keySet());
    List<Object> values = new ArrayList<>(entries.size());
    entries.values().forEach(e -> values.add(e.value()));
    return values;
  }

  /** Pairs of keys and values. */
  List<Object> items() {
    read.addAll(entries.keySet());
    List<Object> items = new ArrayList<>(entries.size());
    entries.values().forEach(e -> items.add(Tuple.of(e.key(), e.value())));
    return items;
  }
}
