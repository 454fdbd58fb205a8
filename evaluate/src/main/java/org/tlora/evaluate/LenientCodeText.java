/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes programs out of answers as a reader would: out of fences of every kind, from between prose,
 * or as the lines that follow the prompt.
 */
final class LenientCodeText {
  private static final Pattern FENCE =
      Pattern.compile("^([ \\t>]*)(`{3,}|~{3,})[ \\t]*([^`\\n]*)$");
  private static final Pattern WORD = Pattern.compile("[A-Za-z]\\w*");
  private static final Pattern CODE_LINE =
      Pattern.compile("^(?:def |class |import |from \\w[\\w.]* import |@\\w|async def )");

  private LenientCodeText() {}

  /**
   * The programs that an answer may mean, the likeliest first.
   *
   * @param entry the function that they should define, or empty
   */
  static List<String> of(String completion, String entry) {
    String text = FinalAnswer.withoutThoughts(completion).replace("\r", "");
    List<String> blocks = blocks(text);
    if (blocks.isEmpty()) {
      return List.of(fromFirstLineOfCode(text));
    }
    int last = -1;
    for (int i = 0; i < blocks.size(); i++) {
      if (defines(blocks.get(i), entry)) {
        last = i;
      }
    }
    if (last < 0) {
      return List.of(blocks.get(0));
    }
    List<String> programs = new ArrayList<>();
    programs.add(String.join("\n", blocks.subList(0, last + 1)));
    programs.add(blocks.get(last));
    return programs.stream().distinct().toList();
  }

  /** Whether a program has a function; of any name where none is given. */
  static boolean defines(String program, String entry) {
    String name = entry.isEmpty() ? "\\w+" : Pattern.quote(entry) + "\\b";
    return Pattern.compile("(?m)^(?:async )?(?:def|class) +" + name).matcher(program).find()
        || (!entry.isEmpty() && Pattern.compile("(?m)^" + name + " *=").matcher(program).find());
  }

  /**
   * A function's body as it stands behind its head: indented if the answer has not done it, which
   * it may have done for all lines but the first.
   */
  static String asBody(String code) {
    List<String> lines = code.lines().filter(l -> !l.isBlank()).toList();
    if (lines.isEmpty() || CODE_LINE.matcher(lines.get(0)).find()) {
      return code;
    }
    int first = indent(lines.get(0));
    if (first >= 4 || lines.get(0).startsWith("\t")) {
      return code;
    }
    boolean firstAlone =
        first == 0
            && lines.size() > 1
            && indent(lines.get(1)) >= 4
            && !lines.get(0).stripTrailing().endsWith(":");
    return firstAlone ? "    " + code.stripLeading() : code.indent(4 - first);
  }

  /** What is in fences, those of other languages only where there are no others. */
  private static List<String> blocks(String text) {
    List<String> python = new ArrayList<>();
    List<String> others = new ArrayList<>();
    StringBuilder open = null;
    Matcher opening = null;
    for (String line : text.split("\n", -1)) {
      Matcher m = FENCE.matcher(line);
      boolean fence = m.matches();
      if (open == null) {
        if (fence) {
          open = new StringBuilder();
          opening = m;
        }
      } else if (fence && m.group(2).startsWith(opening.group(2)) && m.group(3).isBlank()) {
        add(isPython(opening.group(3)) ? python : others, open);
        open = null;
      } else {
        String before = opening.group(1);
        open.append(line.startsWith(before) ? line.substring(before.length()) : line).append('\n');
      }
    }
    if (open != null) { // the answer was cut off
      add(isPython(opening.group(3)) ? python : others, open);
    }
    return python.isEmpty() ? others : python;
  }

  /** Whether a fence says Python, or nothing. */
  private static boolean isPython(String language) {
    Matcher m = WORD.matcher(language);
    return !m.find() || m.group().matches("(?i)py.*|ipython.*|code");
  }

  private static void add(List<String> blocks, StringBuilder block) {
    if (!block.toString().isBlank()) {
      blocks.add(prompted(block.toString()));
    }
  }

  /** Without the marks of an interactive session, where it is one. */
  private static String prompted(String block) {
    if (!block.stripLeading().startsWith(">>> ")) {
      return block;
    }
    StringBuilder code = new StringBuilder();
    block
        .lines()
        .filter(l -> l.startsWith(">>>") || l.startsWith("..."))
        .forEach(l -> code.append(l.length() > 4 ? l.substring(4) : "").append('\n'));
    return code.toString();
  }

  /** Prose before the first definition goes; a text that begins as code, or has none, stays. */
  private static String fromFirstLineOfCode(String text) {
    List<String> lines = text.lines().toList();
    int first = 0;
    while (first < lines.size() && lines.get(first).isBlank()) {
      first++;
    }
    if (first == lines.size() || indent(lines.get(first)) > 0) {
      return text; // the body of the function
    }
    for (int i = first; i < lines.size(); i++) {
      if (CODE_LINE.matcher(lines.get(i)).find()) {
        return String.join("\n", lines.subList(i, lines.size())) + "\n";
      }
    }
    return text;
  }

  private static int indent(String line) {
    int n = 0;
    while (n < line.length() && (line.charAt(n) == ' ' || line.charAt(n) == '\t')) {
      n++;
    }
    return n;
  }
}
