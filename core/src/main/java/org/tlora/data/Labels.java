/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.tlora.fault.InputFault;
import org.tlora.fault.UsageFault;
import org.tlora.format.Json;

/**
 * What rows are labelled with: one of some classes, or a number.
 *
 * @param classes their names in the order of their numbers; none for numbers
 */
public record Labels(List<String> classes) {
  /** Numbers to be learned. */
  public static final Labels NUMBERS = new Labels(List.of());

  /** What {@code labels} calls that. */
  public static final String REGRESSION = "regression";

  private static final int MOST_CLASSES = 10_000;
  private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,9}");
  private static final Pattern DECIMAL = Pattern.compile("[+-]?\\d*\\.\\d+([eE][+-]?\\d+)?");

  /** Keeps a copy. */
  public Labels {
    classes = List.copyOf(classes);
  }

  /**
   * What a user says: {@code regression}, or names between commas.
   *
   * @throws UsageFault if there is a single class, or one comes twice
   */
  public static Labels named(List<String> names) {
    if (names.equals(List.of(REGRESSION))) {
      return NUMBERS;
    }
    if (names.size() < 2 || Set.copyOf(names).size() < names.size()) {
      throw new UsageFault("`labels` must be 'regression' or at least two different names");
    }
    return new Labels(names);
  }

  /** Classes that have no names: 0, 1, ... */
  public static Labels numbered(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add("" + i);
    }
    return new Labels(names);
  }

  /**
   * What rows show: numbers if they all are and some have decimals; else classes, in the order of
   * their numbers or of the alphabet.
   *
   * @throws InputFault if there is but one class, or far too many
   */
  public static Labels observed(Set<String> seen, String where) {
    boolean whole = seen.stream().allMatch(l -> WHOLE.matcher(l).matches());
    boolean numbers =
        seen.stream().allMatch(l -> WHOLE.matcher(l).matches() || DECIMAL.matcher(l).matches());
    if (numbers && !whole) {
      return NUMBERS;
    }
    if (seen.size() < 2 || seen.size() > MOST_CLASSES) {
      throw new InputFault(
          where
              + ": the rows have "
              + seen.size()
              + " different label(s); name the classes with `labels`, or `labels` regression");
    }
    List<String> names = new ArrayList<>(new TreeSet<>(seen));
    if (whole) {
      names.sort(Comparator.comparingInt(Integer::parseInt));
    }
    return new Labels(names);
  }

  /** Whether numbers are learned. */
  public boolean isRegression() {
    return classes.isEmpty();
  }

  /** How many numbers a model's head gives. */
  public int outputs() {
    return isRegression() ? 1 : classes.size();
  }

  /**
   * A class's number, or the number itself.
   *
   * @throws InputFault if it is none
   */
  public double valueOf(String label, String where) {
    if (isRegression()) {
      try {
        double value = Double.parseDouble(label);
        if (Double.isFinite(value)) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw new InputFault(where + ": label '" + label + "' is not a number", e);
      }
      throw new InputFault(where + ": label '" + label + "' is not finite");
    }
    int index = classes.indexOf(label);
    if (index < 0) {
      throw new InputFault(
          where + ": label '" + label + "' is none of " + String.join(", ", classes));
    }
    return index;
  }

  /** As a text that {@link #read} understands. */
  public String write() {
    ArrayNode names = Json.object().arrayNode();
    classes.forEach(names::add);
    return isRegression() ? REGRESSION : Json.compact(names);
  }

  /**
   * What {@link #write} wrote.
   *
   * @throws InputFault if it is something else
   */
  public static Labels read(String text, String where) {
    if (text.equals(REGRESSION)) {
      return NUMBERS;
    }
    List<String> names = new ArrayList<>();
    JsonNode array = Json.parse(text, where);
    array.forEach(name -> names.add(name.asText()));
    if (!array.isArray() || names.size() < 2) {
      throw new InputFault(where + ": the labels are not a list of names: " + text);
    }
    return new Labels(names);
  }
}
