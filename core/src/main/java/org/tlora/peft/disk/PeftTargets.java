/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.peft.disk;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.tlora.fault.InputFault;

/**
 * Which modules an {@code adapter_config.json} says that an adapter is on, by HF PEFT's rules: a
 * tensor of another module is one that PEFT does not compute with.
 */
final class PeftTargets {
  private static final Pattern ANY_LAYER = Pattern.compile(".*?\\.[^.]*\\.(\\d+)\\..*");

  private final JsonNode json;
  private final String where;

  PeftTargets(JsonNode json, String where) {
    this.json = json;
    this.where = where;
  }

  /**
   * The key that keeps a module from having an adapter, or null where it has one.
   *
   * @throws InputFault if a pattern is none
   */
  String against(String module) {
    if (isNamed("exclude_modules", module)) {
      return "exclude_modules";
    }
    for (String saved : texts("modules_to_save")) {
      if (module.equals(saved)
          || module.endsWith("." + saved)
          || ("." + module).contains("." + saved + ".")) {
        return "modules_to_save";
      }
    }
    JsonNode targets = json.path("target_modules");
    if (targets.isNull() || targets.isMissingNode() || targets.asText().equals("all-linear")) {
      return null;
    }
    if (!isNamed("target_modules", module)) {
      return "target_modules";
    }
    boolean byLayer = !targets.isTextual() && !texts("layers_to_transform").isEmpty();
    return byLayer && !texts("layers_to_transform").contains(layerOf(module)) && !named(module)
        ? "layers_to_transform"
        : null;
  }

  /** Whether the whole path is among the targets, whatever layer it is in. */
  private boolean named(String module) {
    return texts("target_modules").contains(module);
  }

  private boolean isNamed(String key, String module) {
    JsonNode names = json.path(key);
    if (names.isTextual()) {
      return match(key, names.asText(), Pattern::compile, module) != null;
    }
    return texts(key).stream().anyMatch(n -> module.equals(n) || module.endsWith("." + n));
  }

  private String layerOf(String module) {
    List<String> patterns = texts("layers_pattern");
    if (patterns.isEmpty()) {
      Matcher any = ANY_LAYER.matcher(module);
      return any.matches() ? any.group(1) : "";
    }
    for (String pattern : patterns) {
      Matcher layer =
          match(
              "layers_pattern",
              pattern,
              p -> Pattern.compile("(?:.*?\\.)?(?:" + p + ")\\.(?<index>\\d+)\\..*"),
              module);
      if (layer != null) {
        return layer.group("index");
      }
    }
    return "";
  }

  private Matcher match(
      String key, String pattern, Function<String, Pattern> compile, String module) {
    try {
      Matcher matcher = compile.apply(pattern).matcher(new BoundedText(module));
      return matcher.matches() ? matcher : null;
    } catch (BoundedText.Exhausted x) {
      throw new InputFault(where + ": " + key + " '" + pattern + "' takes too long", x);
    } catch (PatternSyntaxException x) {
      throw new InputFault(where + ": " + key + " '" + pattern + "' is not a pattern", x);
    }
  }

  private List<String> texts(String key) {
    return texts(json.path(key));
  }

  /** A list of texts or numbers, or the one that stands for it; nothing where it is null. */
  static List<String> texts(JsonNode node) {
    List<String> all = new ArrayList<>();
    if (node.isValueNode() && !node.isNull() && !node.asText().isEmpty()) {
      all.add(node.asText());
    }
    node.forEach(n -> all.add(n.asText()));
    return all;
  }
}
