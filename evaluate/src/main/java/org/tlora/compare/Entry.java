/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tlora.fault.Property;
import org.tlora.fault.UsageFault;
import org.tlora.peft.MethodOption;
import org.tlora.peft.PeftMethod;
import org.tlora.peft.PeftOptions;
import org.tlora.peft.method.PeftMethods;

/**
 * A row of a comparison: a method with its settings.
 *
 * @param label as in the table, such as {@code corda:corda-mode=kpm}
 */
public record Entry(String label, PeftMethod method, PeftOptions options) {
  /** Stands for every method, and each of the variants that it names itself. */
  public static final String ALL = "all";

  /**
   * The rows that texts ask for: {@code all}, a method's name, or a name with settings of its own
   * options, {@code NAME:option=value:option=value}.
   *
   * @param shared options of all; its own options go to the methods that have them
   * @throws UsageFault if a method or an option is not known, or a row comes twice
   */
  public static List<Entry> of(List<String> texts, PeftOptions shared) {
    requireUsed(shared);
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (String text : texts) {
      for (Entry entry : text.equals(ALL) ? all(shared) : List.of(one(text, shared))) {
        if (entries.put(entry.label(), entry) != null) {
          throw new UsageFault("`methods` names " + entry.label() + " twice");
        }
      }
    }
    if (entries.isEmpty()) {
      throw new UsageFault("`methods` names no method");
    }
    return List.copyOf(entries.values());
  }

  private static List<Entry> all(PeftOptions shared) {
    List<Entry> entries = new ArrayList<>();
    for (PeftMethod method : PeftMethods.all()) {
      method.variants().forEach(settings -> entries.add(of(method, settings, shared)));
    }
    return entries;
  }

  private static Entry one(String text, PeftOptions shared) {
    String[] parts = text.split(":", -1);
    Map<String, String> settings = new TreeMap<>();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals < 1) {
        throw new UsageFault(
            "`methods` " + text + ": settings look like :option=value, not :" + parts[i]);
      }
      settings.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
    }
    return of(PeftMethods.named(parts[0]), settings, shared);
  }

  private static Entry of(PeftMethod method, Map<String, String> settings, PeftOptions shared) {
    Map<String, String> own = new TreeMap<>();
    for (MethodOption<?> option : method.options()) {
      if (shared.has(option)) {
        own.put(option.name(), shared.text(option));
      }
    }
    own.putAll(settings);
    PeftOptions options =
        new PeftOptions(shared.rank(), shared.rankGiven(), shared.alpha(), shared.dropout(), own);
    options.check(method);
    StringBuilder label = new StringBuilder(method.name());
    new TreeMap<>(settings).forEach((name, value) -> label.append(":" + name + "=" + value));
    return new Entry(label.toString(), method, options);
  }

  private static void requireUsed(PeftOptions shared) {
    for (String name : shared.own().keySet()) {
      boolean known =
          PeftMethods.all().stream()
              .flatMap(m -> m.options().stream())
              .anyMatch(o -> o.name().equals(name));
      if (!known) {
        throw new UsageFault(Property.named(name) + " is no option of any method");
      }
    }
  }

  /** The label as the name of a folder. */
  String folder() {
    return label.replaceAll("[^A-Za-z0-9+.=-]", "_");
  }
}
